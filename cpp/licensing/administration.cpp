#include "licensing/administration.hpp"

#include <array>

#include "licensing/request_case.hpp"

namespace smartlic::licensing {

std::string_view to_string(InstanceCommand command) {
  constexpr std::array<std::string_view, 5> names{"remove", "revoke-certificate", "refuse-copies",
                                                  "serve-copies", "clear-suspicion"};
  return names[static_cast<std::size_t>(command)];
}

void administer(InstanceRecord& record, InstanceCommand command) {
  ++record.revision;
  switch (command) {
    case InstanceCommand::remove:
      record.status = InstanceStatus::removed;
      release_usage(record);
      break;
    case InstanceCommand::revoke_certificate:
      record.revoked = true;
      break;
    case InstanceCommand::refuse_copies:
      record.refuse_forks = true;
      break;
    case InstanceCommand::serve_copies:
      record.refuse_forks = false;
      break;
    case InstanceCommand::clear_suspicion:
      record.fork_suspected = false;
      record.superseded_seen = false;
      record.state_unknown = true;
      break;
  }
}

}  // namespace smartlic::licensing
