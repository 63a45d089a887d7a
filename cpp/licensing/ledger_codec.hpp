#pragma once
// Records and decisions as JSON text, for stores that keep them as one opaque column beside those
// that they search by. Each text has its version `v`.
//
// Errors of all decoders: `state_damaged` for what is no such text, `state_version` for another
// version's.

#include <string>
#include <string_view>

#include "foundation/result.hpp"
#include "licensing/ledger.hpp"
#include "message/messages.hpp"

namespace smartlic::licensing {

[[nodiscard]] std::string encode(const InstanceRecord& record);
[[nodiscard]] Result<InstanceRecord> decode_instance(std::string_view text);

[[nodiscard]] std::string encode(const TokenRecord& record);
[[nodiscard]] Result<TokenRecord> decode_token(std::string_view text);

/// The answer that `InstanceRecord::decision` keeps, to be sealed again with fresh time (M10).
[[nodiscard]] std::string encode_decision(const message::Answer& answer);
[[nodiscard]] Result<message::Answer> decode_decision(std::string_view text);

}  // namespace smartlic::licensing
