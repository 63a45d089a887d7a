#pragma once
// The agent's durable memory: one folder, one state, one process at a time.

#include <cstddef>
#include <filesystem>
#include <optional>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "io/local/descriptor.hpp"

namespace smartlic::io {

/// No state comes near this; a larger file is damage.
inline constexpr std::size_t max_state_size = std::size_t{4} << 20;

/// Keeps an agent's state in `<folder>/state.bin`. A `StateFolder` holds the folder's lock while it
/// lives; `load` gives the whole state that was last saved, or an error, never an older one: a
/// state of before is a fork (RULES M11), so there is no silent way back. Each `save` is durable
/// when it returns. The checksum finds accidents only; that the state is genuine is for the agent
/// to check, which runs the ladder on it (RULES M8). Move-only, not thread-safe.
///
/// On disk, numbers big-endian: "smartlic-agent-state", version (u32), content length (u64), CRC-32
/// of all of the file but itself (u32), content. Every version keeps this header, so a wrong
/// version is told from damage.
class StateFolder {
 public:
  /// Opens the folder and takes its lock (flock(2): gone with the process, however that ends; a
  /// forked child shares it). With `create`, a missing folder is made with permissions 0700 (its
  /// parent must be there). Errors: `not_found`, `locked`, `storage_failed`, `storage_full`.
  [[nodiscard]] static Result<StateFolder> open(const std::filesystem::path& folder, bool create);

  /// Reads a folder's state without its lock, for a look beside a running agent. As `load`, and
  /// `not_found` if there is no folder.
  [[nodiscard]] static Result<std::optional<Bytes>> peek(const std::filesystem::path& folder);

  /// The state last saved; nothing if none ever was. Errors: `state_damaged`, `state_version`,
  /// `storage_failed`.
  [[nodiscard]] Result<std::optional<Bytes>> load() const;

  /// Replaces the state. After an error the old one is there.
  /// Errors: `invalid_argument` above `max_state_size`, `storage_full`, `storage_failed`.
  [[nodiscard]] Result<void> save(ByteView content);

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

 private:
  StateFolder(std::filesystem::path folder, Descriptor lock);

  std::filesystem::path folder_;
  Descriptor lock_;
};

}  // namespace smartlic::io
