#pragma once
// Signed messages out of plain ones: what the agent sends and what the manager answers.

#include <span>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "identity/certificate.hpp"
#include "identity/keys.hpp"
#include "message/answer_ladder.hpp"
#include "message/messages.hpp"

namespace smartlic::message {

/// A request ready to be sent, and what to keep until its answer comes.
struct SealedRequest {
  Bytes bytes;
  OpenRequest open;
};

/// Signs a registration with the CSR's key, named by its thumbprint (M1, M5). Errors:
/// `invalid_argument` for a CSR that is not the key's, `internal`.
[[nodiscard]] Result<SealedRequest> seal_registration(const RegisterRequest& request,
                                                      const identity::PrivateKey& key);

/// Signs any other request with the ID certificate's key (M1). Errors: `invalid_argument` for a
/// registration or a CSR that cannot be read, `internal`.
[[nodiscard]] Result<SealedRequest> seal_request(const Request& request,
                                                 const identity::PrivateKey& key,
                                                 const identity::Certificate& id_certificate,
                                                 const identity::Certificate& signing_certificate);

/// What `seal_request` gave as `open` for these bytes, found again from the bytes alone; they are
/// our own and are not verified. For the last answer kept with its request, and for exported
/// requests (M12). Errors: `message_malformed`, `payload_invalid`.
[[nodiscard]] Result<OpenRequest> recall_open_request(ByteView sealed);

/// Signs an answer or refusal with the signing certificate's key.
[[nodiscard]] Result<Bytes> seal_answer(const Answer& answer, const identity::PrivateKey& key,
                                        const identity::Certificate& signing_certificate);

}  // namespace smartlic::message
