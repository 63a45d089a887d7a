#pragma once
// Whole files, read with a limit and written so that a crash leaves the old file or the new one.

#include <cstddef>
#include <filesystem>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"

namespace smartlic::io {

/// Readable and writable by the owner alone, for what holds keys.
inline constexpr unsigned private_mode = 0600;

/// Reads a file, or a pipe to its end. Errors: `not_found`; `storage_failed` if it cannot be read
/// or is larger than `limit` bytes (no more than that is taken into memory).
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit);

/// Replaces `path`, or makes it, with exactly the permissions `mode`: a temporary file beside it is
/// written, synced and renamed over it, and the directory synced. After an error the old file is
/// there and no temporary one. (If only the last sync fails, the new file is there and may not
/// outlive a power failure.) A symbolic link is replaced, not followed.
/// Errors: `not_found` (no such directory), `storage_full`, `storage_failed`.
[[nodiscard]] Result<void> write_file_atomic(const std::filesystem::path& path, ByteView content,
                                             unsigned mode = private_mode);

/// As `write_file_atomic`, but never replaces anything. Errors: `already_exists` too; of several
/// that race, one succeeds.
[[nodiscard]] Result<void> create_file_atomic(const std::filesystem::path& path, ByteView content,
                                              unsigned mode = private_mode);

/// Removes the temporary files that killed writers of `path` left behind. Nobody may be writing it.
/// Errors: `not_found` (no such directory), `storage_failed` if the directory cannot be listed.
[[nodiscard]] Result<void> remove_temporaries(const std::filesystem::path& path);

}  // namespace smartlic::io
