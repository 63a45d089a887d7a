#include "io/net/http.hpp"

#include <curl/curl.h>
#include <openssl/opensslv.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <new>
#include <string_view>
#include <utility>

#include "io/net/retry_after.hpp"
#include "io/net/server_trust.hpp"

namespace smartlic::io {

struct HttpClient::Setup {
  HttpOptions options;
  ServerTrust trust;
};

namespace {

/// One request and what comes of it: a libcurl handle, its callbacks and what they note down.
class Transfer {
 public:
  Transfer(const HttpOptions& options, const ServerTrust& trust, UtcTime now,
           const HttpClient::Stop& stop)
      : options_{options}, trust_{trust}, now_{now}, stop_{stop} {
    if (!handle_ || !url_) throw std::bad_alloc{};
    set_up();
    set_up_proxy();
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Result<void> set_url(const std::string& url);
  void set_body(const std::string& content_type, ByteView body);
  Result<HttpAnswer> run();

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }
  [[nodiscard]] long number(CURLINFO what) const {
    long value = 0;
    curl_easy_getinfo(handle_.get(), what, &value);
    return value;
  }
  void set_up();
  void set_up_proxy();
  [[nodiscard]] Error failure(CURLcode code) const;

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static CURLcode on_tls(CURL*, void* tls, void* self);
  static int on_certificates(X509_STORE_CTX* received, void* self);

  const HttpOptions& options_;
  const ServerTrust& trust_;
  UtcTime now_;
  const HttpClient::Stop& stop_;

  std::string host_;
  HttpAnswer answer_;
  std::optional<TlsVerdict> verdict_;
  bool too_large_ = false;
  std::array<char, CURL_ERROR_SIZE> reason_{};

  // The handle goes first, for it uses the other two.
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_{curl_url(), curl_url_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr,
                                                                       curl_slist_free_all};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_{curl_easy_init(), curl_easy_cleanup};
};

void Transfer::set_up() {
  set(CURLOPT_NOSIGNAL, 1L);  // threads
  set(CURLOPT_ERRORBUFFER, reason_.data());
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_timeout.count()));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  if (stop_) {
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    set(CURLOPT_XFERINFODATA, this);
  }
  // The certificates are judged by on_certificates alone, so libcurl need not load any roots.
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_SSL_CTX_FUNCTION, &Transfer::on_tls);
  set(CURLOPT_SSL_CTX_DATA, this);
}

void Transfer::set_up_proxy() {
  if (options_.proxy) {
    set(CURLOPT_PROXY, options_.proxy->url.c_str());
    set(CURLOPT_NOPROXY, "");  // what is configured counts, not no_proxy
    set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_ANY));
    if (!options_.proxy->user.empty()) {
      set(CURLOPT_PROXYUSERNAME, options_.proxy->user.c_str());
      set(CURLOPT_PROXYPASSWORD, options_.proxy->password.c_str());
    }
  } else if (!options_.environment_proxy) {
    set(CURLOPT_PROXY, "");
  }
}

Result<void> Transfer::set_url(const std::string& url) {
  const auto part = [this](CURLUPart which) {
    char* text = nullptr;
    curl_url_get(url_.get(), which, &text, 0);
    std::string copy = text ? text : "";
    curl_free(text);
    return copy;
  };
  if (curl_url_set(url_.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return Error{Errc::invalid_argument, "not a URL: " + url};
  }
  if (const auto scheme = part(CURLUPART_SCHEME); scheme != "https" && scheme != "http") {
    return Error{Errc::invalid_argument, "not an HTTP URL: " + url};
  }
  host_ = part(CURLUPART_HOST);
  if (host_.starts_with('[')) host_ = host_.substr(1, host_.size() - 2);  // an IPv6 address
  if (host_.ends_with('.')) host_.pop_back();                             // as certificates have it
  set(CURLOPT_CURLU, url_.get());
  return {};
}

void Transfer::set_body(const std::string& content_type, ByteView body) {
  headers_.reset(curl_slist_append(nullptr, ("Content-Type: " + content_type).c_str()));
  curl_slist_append(headers_.get(), "Expect:");  // or older versions wait for a 100 Continue
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  set(CURLOPT_POSTFIELDS, body.empty() ? "" : reinterpret_cast<const char*>(body.data()));
}

Result<HttpAnswer> Transfer::run() {
  if (const CURLcode code = curl_easy_perform(handle_.get()); code != CURLE_OK) {
    return failure(code);
  }
  answer_.status = number(CURLINFO_RESPONSE_CODE);
  if (answer_.status == 407) return Error{Errc::proxy_failed, "the proxy wants other credentials"};
  const char* type = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_TYPE, &type);
  if (type) answer_.content_type = type;
  answer_.clock_suspect = verdict_ && verdict_->kind == TlsVerdict::Kind::trusted_but_for_dates;
  return std::move(answer_);
}

Error Transfer::failure(CURLcode code) const {
  const auto because = [&](Errc row, std::string_view reason) {
    return Error{row, host_ + ": " + std::string{reason}};
  };
  if (verdict_ && !verdict_->accepted()) {
    return because(
        verdict_->kind == TlsVerdict::Kind::dates_alone ? Errc::tls_dates : Errc::tls_failed,
        X509_verify_cert_error_string(verdict_->error));
  }
  if (too_large_) {
    return because(Errc::message_too_large,
                   "more than " + std::to_string(options_.answer_limit) + " bytes");
  }
  const std::string_view reason = reason_[0] ? reason_.data() : curl_easy_strerror(code);
  if (number(CURLINFO_HTTP_CONNECTCODE) >= 300) return because(Errc::proxy_failed, reason);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return because(Errc::timed_out, reason);
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return because(Errc::proxy_failed, reason);
    case CURLE_COULDNT_CONNECT:
      return because(options_.proxy ? Errc::proxy_failed : Errc::unreachable, reason);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
      return because(Errc::tls_failed, reason);
    default:
      return because(Errc::unreachable, reason);
  }
}

std::size_t Transfer::on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  Bytes& body = transfer.answer_.body;
  transfer.too_large_ = size > transfer.options_.answer_limit - body.size();
  if (transfer.too_large_) return CURL_WRITEFUNC_ERROR;
  body.insert(body.end(), data, data + size);
  return size;
}

std::size_t Transfer::on_header(char* data, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view line{data, size};
  const auto starts_with = [&](std::string_view lower) {
    return std::equal(lower.begin(), lower.end(), line.begin(),
                      line.begin() + static_cast<std::ptrdiff_t>(std::min(size, lower.size())),
                      [](char want, unsigned char got) { return want == std::tolower(got); });
  };
  constexpr std::string_view name = "retry-after:";
  if (starts_with("http/")) {  // a new answer: what was before was a 1xx
    transfer.answer_.retry_after.reset();
  } else if (starts_with(name)) {
    transfer.answer_.retry_after = parse_retry_after(line.substr(name.size()), transfer.now_);
  }
  return size;
}

int Transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(self)->stop_() ? 1 : 0;
}

CURLcode Transfer::on_tls(CURL*, void* tls, void* self) {
  SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(tls), &Transfer::on_certificates, self);
  return CURLE_OK;
}

int Transfer::on_certificates(X509_STORE_CTX* received, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const auto verdict =
      transfer.trust_.judge(X509_STORE_CTX_get0_cert(received),
                            X509_STORE_CTX_get0_untrusted(received), transfer.host_, transfer.now_);
  transfer.verdict_ = verdict;
  X509_STORE_CTX_set_error(received, verdict.accepted() ? X509_V_OK : verdict.error);
  return verdict.accepted() ? 1 : 0;
}

/// The callbacks cast what libcurl passes to OpenSSL's types, so the two have to be one.
bool curl_uses_our_openssl() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const char* backend = curl_version_info(CURLVERSION_NOW)->ssl_version;
  const std::string ours = "OpenSSL/" + std::to_string(OPENSSL_VERSION_MAJOR) + ".";
  return ready == CURLE_OK && backend && std::string_view{backend}.starts_with(ours);
}

bool fits(Ms timeout) { return timeout >= Ms{1} && timeout <= Ms{std::chrono::hours{24}}; }

}  // namespace

HttpClient::HttpClient(std::shared_ptr<const Setup> setup) : setup_{std::move(setup)} {}

Result<HttpClient> HttpClient::create(HttpOptions options) {
  if (!curl_uses_our_openssl()) {
    return Error{Errc::tls_failed,
                 std::string{"libcurl is built with another TLS library: "} + curl_version()};
  }
  if (!fits(options.connect_timeout) || !fits(options.total_timeout)) {
    return Error{Errc::invalid_argument, "a time-out is from 1 ms to a day"};
  }
  if (options.proxy) {
    const std::string_view url = options.proxy->url;
    if (url.empty() || (url.find("://") != url.npos && !url.starts_with("http://"))) {
      return Error{Errc::invalid_argument, "a proxy is given as http://host:port"};
    }
  }
  auto trust = ServerTrust::create(options.trust);
  if (!trust) return trust.error();
  return HttpClient{std::make_shared<const Setup>(Setup{std::move(options), std::move(*trust)})};
}

Result<HttpAnswer> HttpClient::get(const std::string& url, UtcTime now, const Stop& stop) const {
  Transfer transfer{setup_->options, setup_->trust, now, stop};
  if (const auto set = transfer.set_url(url); !set) return set.error();
  return transfer.run();
}

Result<HttpAnswer> HttpClient::post(const std::string& url, const std::string& content_type,
                                    ByteView body, UtcTime now, const Stop& stop) const {
  Transfer transfer{setup_->options, setup_->trust, now, stop};
  if (const auto set = transfer.set_url(url); !set) return set.error();
  transfer.set_body(content_type, body);
  return transfer.run();
}

}  // namespace smartlic::io
