#pragma once
// Whether a TLS server is the one that was asked for (RULES T3).

#include <openssl/x509_vfy.h>

#include <memory>
#include <optional>
#include <string>

#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "io/net/http.hpp"

namespace smartlic::io {

/// What `ServerTrust::judge` found.
struct TlsVerdict {
  enum class Kind {
    trusted,
    trusted_but_for_dates,  ///< by a pinned root, to which dates do not matter
    dates_alone,            ///< refused; without regard to dates it would have been trusted
    refused,
  };
  Kind kind = Kind::refused;
  int error = X509_V_ERR_UNSPECIFIED;  ///< OpenSSL's reason (X509_V_ERR_...) when not `trusted`

  [[nodiscard]] bool accepted() const {
    return kind == Kind::trusted || kind == Kind::trusted_but_for_dates;
  }
};

/// The roots of a `TlsTrust`. Immutable, so threads may share one.
class ServerTrust {
 public:
  /// Errors: `invalid_argument` if a text holds something but no certificate, or a broken one.
  [[nodiscard]] static Result<ServerTrust> create(const TlsTrust& trust);

  /// Judges the certificates that a server called `host` (a name or an IP address) has sent: chain,
  /// purpose, name, and dates at `now`. If only the dates do not fit, the pinned roots alone are
  /// tried without them.
  [[nodiscard]] TlsVerdict judge(X509* leaf, STACK_OF(X509) * sent, const std::string& host,
                                 UtcTime now) const;

 private:
  using Store = std::shared_ptr<X509_STORE>;
  ServerTrust(Store all, Store pinned) : all_{std::move(all)}, pinned_{std::move(pinned)} {}

  Store all_;
  Store pinned_;
};

}  // namespace smartlic::io
