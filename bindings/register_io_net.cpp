// io/net for Python.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>

#include "errors.hpp"
#include "io/net/http.hpp"
#include "register.hpp"
#include "time_casters.hpp"

namespace py = pybind11;

namespace smartlic::bindings {
namespace {

using io::HttpAnswer;
using io::HttpClient;
using io::HttpOptions;
using io::HttpProxy;

/// Runs a request without the GIL; Ctrl-C gives it up within about a second.
template <class Request>
HttpAnswer answer_of(Request request) {
  const HttpClient::Stop interrupted = [] {
    const py::gil_scoped_acquire held;
    return PyErr_CheckSignals() != 0;
  };
  auto answer = [&] {
    const py::gil_scoped_release released;
    return request(interrupted);
  }();
  if (PyErr_Occurred()) throw py::error_already_set();
  return unwrap(std::move(answer));
}

HttpClient make_client(std::string pinned_pem, std::string extra_pem, bool system,
                       std::optional<std::string> proxy, std::string proxy_user,
                       std::string proxy_password, bool environment_proxy, std::string user_agent,
                       Ms connect_timeout, Ms total_timeout, std::size_t answer_limit) {
  HttpOptions options;
  options.trust = {std::move(pinned_pem), std::move(extra_pem), system};
  if (proxy) {
    options.proxy = HttpProxy{std::move(*proxy), std::move(proxy_user), std::move(proxy_password)};
  }
  options.environment_proxy = environment_proxy;
  options.user_agent = std::move(user_agent);
  options.connect_timeout = connect_timeout;
  options.total_timeout = total_timeout;
  options.answer_limit = answer_limit;
  return unwrap(HttpClient::create(std::move(options)));
}

void register_answer(py::module_& module) {
  py::class_<HttpAnswer>(module, "HttpAnswer",
                         "What a server answered, whatever its status and content type.")
      .def_readonly("status", &HttpAnswer::status, "The HTTP status, for instance 200.")
      .def_readonly("content_type", &HttpAnswer::content_type, "Empty if the server gave none.")
      .def_readonly("body", &HttpAnswer::body, "The body as it came.")
      .def_readonly(
          "retry_after", &HttpAnswer::retry_after,
          "How long to wait by the header Retry-After (RFC 9110, 10.2.3): zero to a year,\n"
          "or None.")
      .def_readonly("clock_suspect", &HttpAnswer::clock_suspect,
                    "True if TLS was accepted by a pinned root without regard to dates, so that\n"
                    "one of the two clocks is wrong (RULES T3).")
      .def("__repr__", [](const HttpAnswer& answer) {
        return "<HttpAnswer " + std::to_string(answer.status) + ", " +
               std::to_string(answer.body.size()) + " bytes>";
      });
}

constexpr auto client_doc = R"(Makes HTTP(S) requests, each by a connection of its own.

Redirects are not followed, TLS is 1.2 or later, and the names in server certificates are always
checked. Immutable: threads may share one. The GIL is released while a request is under way;
Ctrl-C ends it within about a second.)";

constexpr auto init_doc = R"(Sets up a client; nothing is sent.

pinned_pem: the manager's own TLS roots (PEM), trusted even if only dates do not fit (RULES T3).
extra_pem: further roots, for instance those of a proxy that terminates TLS.
system: trust the roots of the operating system too. Without any root no HTTPS server is trusted.
proxy: "http://host:port" or "host:port"; HTTPS goes through it by CONNECT.
environment_proxy: without `proxy`, heed http_proxy, https_proxy and no_proxy.
connect_timeout, total_timeout: from 1 ms to a day; the second includes the first.
answer_limit: bytes of body above which an answer is refused (64 KiB, RULES M1).

Raises InputError (invalid_argument) for what does not fit, TransportError (tls_failed) if libcurl
is not built with our OpenSSL.)";

constexpr auto get_doc = R"(Sends a GET request and returns the HttpAnswer, whatever its status.

now: the licensing time at which the dates of certificates and of Retry-After are judged.

Raises InputError (invalid_argument: the URL); TransportError (unreachable, timed_out, proxy_failed,
tls_failed; tls_dates if nothing but dates was wrong and no pinned root vouches for the server);
TrustError (message_too_large).)";

constexpr auto post_doc = R"(Sends a POST request and returns the HttpAnswer, whatever its status.

now, and what it raises: as for `get`.)";

void register_client(py::module_& module) {
  const HttpOptions standard;
  py::class_<HttpClient>(module, "HttpClient", client_doc)
      .def(py::init(&make_client), py::kw_only(), py::arg("pinned_pem") = "",
           py::arg("extra_pem") = "", py::arg("system") = false, py::arg("proxy") = py::none(),
           py::arg("proxy_user") = "", py::arg("proxy_password") = "",
           py::arg("environment_proxy") = standard.environment_proxy,
           py::arg("user_agent") = standard.user_agent,
           py::arg("connect_timeout") = standard.connect_timeout,
           py::arg("total_timeout") = standard.total_timeout,
           py::arg("answer_limit") = standard.answer_limit, init_doc)
      .def(
          "get",
          [](const HttpClient& client, const std::string& url, UtcTime now) {
            return answer_of(
                [&](const HttpClient::Stop& stop) { return client.get(url, now, stop); });
          },
          py::arg("url"), py::kw_only(), py::arg("now"), get_doc)
      .def(
          "post",
          [](const HttpClient& client, const std::string& url, ByteView body,
             const std::string& content_type, UtcTime now) {
            return answer_of([&](const HttpClient::Stop& stop) {
              return client.post(url, content_type, body, now, stop);
            });
          },
          py::arg("url"), py::arg("body"), py::kw_only(), py::arg("content_type"), py::arg("now"),
          post_doc);
}

}  // namespace

void register_io_net(py::module_& module) {
  register_answer(module);
  register_client(module);
}

}  // namespace smartlic::bindings
