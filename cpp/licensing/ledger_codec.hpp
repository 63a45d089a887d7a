#pragma once
// Records and decisions as JSON text, for stores that keep them as one opaque column beside those
// that they search by. Each text has its version `v`.
//
// Errors of all decoders: `state_damaged` for what is no such text, `state_version` for another
// version's.

#include <span>
#include <string>
#include <string_view>

#include "foundation/result.hpp"
#include "licensing/ledger.hpp"
#include "message/messages.hpp"

namespace smartlic::licensing {

[[nodiscard]] std::string encode(const InstanceRecord& record);
/// A certificate among `known`, in most cases the signer's of the request to decide, is not parsed
/// again, which is most of the work.
[[nodiscard]] Result<InstanceRecord> decode_instance(
    std::string_view text, std::span<const identity::Certificate> known = {});

[[nodiscard]] std::string encode(const TokenRecord& record);
[[nodiscard]] Result<TokenRecord> decode_token(std::string_view text);

/// The answer that `InstanceRecord::decision` keeps, to be sealed again with fresh time (M10).
[[nodiscard]] std::string encode_decision(const message::Answer& answer);
[[nodiscard]] Result<message::Answer> decode_decision(std::string_view text);

}  // namespace smartlic::licensing
