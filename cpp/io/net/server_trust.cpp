#include "io/net/server_trust.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <limits>
#include <new>
#include <string_view>
#include <utility>

namespace smartlic::io {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Context = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;

/// Leaves OpenSSL's error queue as it was: libcurl, whose handshake we run in, looks there.
class KeptErrorQueue {
 public:
  KeptErrorQueue() { ERR_set_mark(); }
  KeptErrorQueue(const KeptErrorQueue&) = delete;
  KeptErrorQueue& operator=(const KeptErrorQueue&) = delete;
  ~KeptErrorQueue() { ERR_pop_to_mark(); }
};

std::shared_ptr<X509_STORE> new_store() {
  X509_STORE* store = X509_STORE_new();
  if (!store) throw std::bad_alloc{};
  return {store, X509_STORE_free};
}

/// Adds every certificate of a PEM text. False if there is none, or if one cannot be read.
bool add_all(X509_STORE* store, std::string_view pem) {
  const KeptErrorQueue queue;
  if (pem.size() > std::numeric_limits<int>::max()) return false;
  const std::unique_ptr<BIO, decltype(&BIO_free)> source{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
  bool added = false;
  while (const Certificate one{PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr),
                               X509_free}) {
    if (X509_STORE_add_cert(store, one.get()) != 1) return false;
    added = true;
  }
  return added && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;  // the end
}

/// Verifies against one store; without `now`, dates do not matter. Returns OpenSSL's reason.
int verify(X509_STORE* store, X509* leaf, STACK_OF(X509) * sent, const std::string& host,
           std::optional<UtcTime> now) {
  const Context context{X509_STORE_CTX_new(), X509_STORE_CTX_free};
  if (!context || X509_STORE_CTX_init(context.get(), store, leaf, sent) != 1 ||
      X509_STORE_CTX_set_default(context.get(), "ssl_server") != 1) {
    return X509_V_ERR_OUT_OF_MEM;
  }
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  if (now) {
    X509_VERIFY_PARAM_set_time(
        rules, std::chrono::floor<std::chrono::seconds>(*now).time_since_epoch().count());
  } else {
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME);
  }
  X509_VERIFY_PARAM_set_auth_level(rules, 2);  // 112 bits: no SHA-1, no RSA below 2048
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) != 1 &&
      X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size()) != 1) {
    return X509_V_ERR_HOSTNAME_MISMATCH;
  }
  return X509_verify_cert(context.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
}

}  // namespace

Result<ServerTrust> ServerTrust::create(const TlsTrust& trust) {
  auto all = new_store();
  Store pinned;
  if (!trust.pinned_pem.empty()) {
    pinned = new_store();
    if (!add_all(pinned.get(), trust.pinned_pem) || !add_all(all.get(), trust.pinned_pem)) {
      return Error{Errc::invalid_argument, "pinned TLS roots are not PEM certificates"};
    }
  }
  if (!trust.extra_pem.empty() && !add_all(all.get(), trust.extra_pem)) {
    return Error{Errc::invalid_argument, "extra TLS roots are not PEM certificates"};
  }
  if (trust.system) X509_STORE_set_default_paths(all.get());
  return ServerTrust{std::move(all), std::move(pinned)};
}

TlsVerdict ServerTrust::judge(X509* leaf, STACK_OF(X509) * sent, const std::string& host,
                              UtcTime now) const {
  using enum TlsVerdict::Kind;
  const KeptErrorQueue queue;
  const int error = verify(all_.get(), leaf, sent, host, now);
  if (error == X509_V_OK) return {trusted, error};
  // What holds without dates was refused for dates alone.
  if (pinned_ && verify(pinned_.get(), leaf, sent, host, std::nullopt) == X509_V_OK) {
    return {trusted_but_for_dates, error};
  }
  const int other = verify(all_.get(), leaf, sent, host, std::nullopt);
  return other == X509_V_OK ? TlsVerdict{dates_alone, error} : TlsVerdict{refused, other};
}

}  // namespace smartlic::io
