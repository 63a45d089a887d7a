#pragma once
// The manager as Python threads may call it.

#include <mutex>
#include <utility>

#include "licensing/manager.hpp"

namespace smartlic::bindings {

/// A manager that several threads use: `examine` and `seal` at once, `decide` one after the other.
struct SharedManager {
  licensing::Manager manager;
  std::mutex deciding;

  SharedManager(licensing::ManagerIdentity identity, const licensing::ManagerPolicy& policy,
                const identity::Entropy::Seed& seed)
      : manager{std::move(identity), policy, seed} {}
};

}  // namespace smartlic::bindings
