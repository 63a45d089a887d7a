// Setting up a manager's trust, and changing it (RULES M2, M3, M6).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <utility>
#include <vector>

#include "core_types.hpp"
#include "errors.hpp"
#include "guarded.hpp"
#include "licensing/authority_setup.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using licensing::AuthorityOrder;
using licensing::ManagerIdentity;
using licensing::NewAuthority;
using licensing::RootSwap;

constexpr auto order_doc = R"(What `manager init` asks.

root_name: common name of the root. logical_account: its hash is in ID certificates (S14).
algorithm: of the manager's keys, 'ES256' or 'RS256' with `rsa_bits`.)";

void register_order(py::module_& module) {
  const AuthorityOrder usual;
  py::class_<AuthorityOrder>(module, "AuthorityOrder", order_doc)
      .def(py::init([](std::string root_name, std::string logical_account,
                       std::string_view algorithm, unsigned rsa_bits) {
             return AuthorityOrder{std::move(root_name), std::move(logical_account),
                                   algorithm_from(algorithm), rsa_bits};
           }),
           py::kw_only(), "root_name"_a = usual.root_name,
           "logical_account"_a = usual.logical_account, "algorithm"_a = to_string(usual.algorithm),
           "rsa_bits"_a = usual.rsa_bits, "Raises InputError for another algorithm.");
}

void register_outcomes(py::module_& module) {
  py::class_<NewAuthority>(module, "NewAuthority", "A manager that never was before.")
      .def_readonly("root", &NewAuthority::root, "The root; its key is to be kept apart.")
      .def_readonly("identity", &NewAuthority::identity, "What serves.")
      .def_readonly("trust", &NewAuthority::trust, "The trust file, for devices (M14).");
  py::class_<RootSwap>(module, "RootSwap", "A manager with a newer root set (RULES M2).")
      .def_readonly("identity", &RootSwap::identity, "With the update that its answers spread.")
      .def_readonly("trust", &RootSwap::trust, "The trust file, for new devices.");
}

// Entropy is not thread-safe: a child of it is used while other Python threads run.
template <class Make>
auto with_child(identity::Entropy& entropy, Make make) {
  identity::Entropy child{entropy.seed()};
  return unwrap(without_gil([&] { return make(child); }));
}

}  // namespace

void register_authority(py::module_& module) {
  register_order(module);
  register_outcomes(module);
  module.def(
      "new_authority",
      [](identity::Entropy& entropy, UtcTime now, const AuthorityOrder& order) {
        return with_child(entropy, [&](auto& child) { return new_authority(child, now, order); });
      },
      "entropy"_a, py::kw_only(), "now"_a, py::arg_v("order", AuthorityOrder{}, "AuthorityOrder()"),
      "Makes a manager: root, signing certificate, trust file.");
  module.def(
      "new_root",
      [](identity::Entropy& entropy, UtcTime now, const AuthorityOrder& order) {
        return with_child(entropy, [&](auto& child) { return new_root(child, now, order); });
      },
      "entropy"_a, py::kw_only(), "now"_a, py::arg_v("order", AuthorityOrder{}, "AuthorityOrder()"),
      "Makes a root with a new key, to swap to.");
  module.def(
      "signing_due_for_rotation", &licensing::signing_due_for_rotation, "signing"_a, py::kw_only(),
      "now"_a, "id_lifetime"_a = identity::id_lifetime,
      "Whether a signing certificate has two lives of an ID certificate left, or less (M6).");
  module.def(
      "rotate_signing",
      [](const identity::Signer& root, const ManagerIdentity& identity, UtcTime now,
         const AuthorityOrder& order) {
        return unwrap(without_gil([&] { return rotate_signing(root, identity, now, order); }));
      },
      "root"_a, "identity"_a, py::kw_only(), "now"_a,
      py::arg_v("order", AuthorityOrder{}, "AuthorityOrder()"),
      "The same manager with a new signing certificate, one serial number higher (RULES M3).\n\n"
      "Raises InputError for a root that it does not hold.");
  module.def(
      "swap_roots",
      [](const identity::Signer& held, const ManagerIdentity& identity,
         std::vector<identity::Certificate> roots) {
        return unwrap(without_gil([&] { return swap_roots(held, identity, std::move(roots)); }));
      },
      "held"_a, "identity"_a, "roots"_a,
      "The same manager with another root set, one version higher, signed by a root that devices\n"
      "hold already (RULES M2): publish {old, new}; rotate_signing with the new root; once the ID\n"
      "certificates of before have ended, publish {new}.\n\n"
      "Raises InputError if `held` is not held, or the signing certificate's root is not in "
      "`roots`.");
}

}  // namespace smartlic::bindings
