#pragma once
// HTTP(S) by libcurl: one request, one answer, trust of its own.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"

namespace smartlic::io {

/// Which TLS servers are believed. It is configured apart from the roots that messages are checked
/// against: a proxy may terminate TLS, and signatures are on the messages. None is the default.
struct TlsTrust {
  std::string pinned_pem;  ///< the manager's own roots, trusted even if only dates do not fit (T3)
  std::string extra_pem;   ///< further roots, for instance a TLS-terminating proxy's
  bool system = false;     ///< the roots of the operating system too
};

/// An HTTP proxy, reached in the clear; HTTPS goes through it by CONNECT.
struct HttpProxy {
  std::string url;  ///< "http://host:port", or "host:port"
  std::string user;
  std::string password;
};

/// How requests are made; no time-out may be zero.
struct HttpOptions {
  TlsTrust trust;
  std::optional<HttpProxy> proxy;
  bool environment_proxy = false;  ///< without `proxy`: heed http_proxy, https_proxy and no_proxy
  std::string user_agent = "smartlic";
  Ms connect_timeout{10'000};
  Ms total_timeout{30'000};             ///< of a request, connecting included
  std::size_t answer_limit = 64 << 10;  ///< bytes of body; a message is never larger (RULES M1)
};

/// What a server answered, whatever its status. That it is a licence answer is for others to judge.
struct HttpAnswer {
  long status = 0;
  std::string content_type;  ///< empty if the server gave none
  Bytes body;
  std::optional<Ms> retry_after;  ///< of the header Retry-After, from now on; not negative
  bool clock_suspect = false;  ///< TLS was accepted by a pinned root without regard to dates (T3)
};

/// Makes requests. Each has its own connection, so that each is judged by its own `now`; redirects
/// are not followed; TLS is 1.2 or later; the names in server certificates are always checked.
/// Immutable, so threads may share one.
///
/// Errors of requests: `invalid_argument` (URL); `unreachable`, `timed_out`, `proxy_failed`;
/// `tls_failed`, or `tls_dates` if nothing but dates was wrong and no pinned root vouches for the
/// server; `message_too_large` above the answer limit.
class HttpClient {
 public:
  /// Asked about once a second during a transfer; true gives the request up (as `unreachable`).
  using Stop = std::function<bool()>;

  /// Errors: `invalid_argument` (time-outs, proxy URL, PEM); `tls_failed` if libcurl does not use
  /// our OpenSSL.
  [[nodiscard]] static Result<HttpClient> create(HttpOptions options);

  /// `now` is the licensing time at which certificate dates and Retry-After dates are judged.
  [[nodiscard]] Result<HttpAnswer> get(const std::string& url, UtcTime now,
                                       const Stop& stop = {}) const;
  [[nodiscard]] Result<HttpAnswer> post(const std::string& url, const std::string& content_type,
                                        ByteView body, UtcTime now, const Stop& stop = {}) const;

 private:
  struct Setup;
  explicit HttpClient(std::shared_ptr<const Setup> setup);

  std::shared_ptr<const Setup> setup_;
};

}  // namespace smartlic::io
