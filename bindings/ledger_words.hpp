#pragma once
// The words of licensing's enumerations. All raise InputError for a word that is none.

#include <string>
#include <string_view>

#include "errors.hpp"
#include "licensing/administration.hpp"
#include "licensing/event_chain.hpp"
#include "licensing/manager.hpp"

namespace smartlic::bindings {

/// `online` or `exported`.
inline licensing::Channel channel_from(std::string_view name) {
  if (name == "online") return licensing::Channel::online;
  if (name == "exported") return licensing::Channel::exported;
  throw_error(
      {Errc::invalid_argument, "channel: 'online' or 'exported', not '" + std::string{name} + "'"});
}

/// `remove`, `revoke-certificate`, …
inline licensing::InstanceCommand instance_command_from(std::string_view name) {
  using enum licensing::InstanceCommand;
  for (const auto command :
       {remove, revoke_certificate, refuse_copies, serve_copies, clear_suspicion}) {
    if (to_string(command) == name) return command;
  }
  throw_error({Errc::invalid_argument, "no such command: " + std::string{name}});
}

/// `registered`, `duplicate_udi`, …
inline licensing::LedgerEventKind event_kind_from(std::string_view name) {
  if (const auto kind = licensing::ledger_event_kind_from(name)) return *kind;
  throw_error({Errc::invalid_argument, "no such kind of event: " + std::string{name}});
}

}  // namespace smartlic::bindings
