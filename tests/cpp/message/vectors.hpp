#pragma once
// The frozen vectors: how they are made, written and read (tests/vectors/v1/messages/README.md).

#include <string>
#include <vector>

#include "message/forge.hpp"

namespace smartlic::message::test {

struct Vector {
  std::string name;
  bool is_answer = false;
  std::string rung;  ///< the one that refuses it; empty if it is accepted
  Case of;
};

[[nodiscard]] std::vector<Vector> good_vectors(const World& world);
/// At least one for each rung, of requests and of answers.
[[nodiscard]] std::vector<Vector> bad_vectors(const World& world);

/// Writes one file per vector into the folder.
void write_vectors(const std::string& folder, const std::vector<Vector>& vectors);
/// All vectors of the folder, in the order of their names.
[[nodiscard]] std::vector<Vector> read_vectors(const std::string& folder);

}  // namespace smartlic::message::test
