#pragma once
// How a gate is described in Python: the arguments that Gate, CpsWindow and GateFile have in
// common.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "admission/gate.hpp"
#include "errors.hpp"

namespace smartlic::bindings {

[[noreturn]] inline void refuse(std::string detail) {
  throw_error({Errc::invalid_argument, std::move(detail)});
}

/// The window of a policy, "average" or "immediate". Throws InputError.
inline admission::WindowShape shape_from(const std::string& policy, std::optional<Ms> interval,
                                         std::optional<std::uint32_t> intervals) {
  using admission::WindowShape;
  if (policy == "immediate") {
    if (interval || intervals)
      refuse("the immediate policy has no intervals: it goes by whole seconds");
    return WindowShape::immediate();
  }
  if (policy != "average") refuse("policy: 'average' or 'immediate', not '" + policy + "'");
  const WindowShape usual;
  return unwrap(WindowShape::create(interval.value_or(usual.interval()),
                                    intervals.value_or(usual.intervals())));
}

/// Throws InputError for any other than the two of S9.
inline admission::SipStatus sip_status_from(int status) {
  if (status == 503) return admission::SipStatus::service_unavailable;
  if (status == 500) return admission::SipStatus::server_internal_error;
  refuse("sip_status: 503 or 500, not " + std::to_string(status));
}

}  // namespace smartlic::bindings
