#pragma once
// A file of any size, a piece at a time: a log, plain or compressed.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"

namespace smartlic::io {

/// Takes a piece of a file, which is there for the length of the call, and how much of the file has
/// been read so far, of how much; returns whether to go on.
using TakePiece = std::function<bool(ByteView piece, std::uint64_t done, std::uint64_t size)>;

/// Gives a file's bytes to `take` in their order: those of a plain file as they lie in its mapping,
/// those of a gzip file (told by how it begins) inflated. What can be read of a damaged or cut gzip
/// file is given; the sentence that is returned then says what is wrong with the rest. A file that
/// shrinks meanwhile ends where it ends then; one that is cut under the piece being read ends the
/// process (SIGBUS), so a log that grows and rotates is read by `read` instead. Errors:
/// `not_found`, `storage_failed`.
[[nodiscard]] Result<std::optional<std::string>> each_piece(const std::filesystem::path& path,
                                                            const TakePiece& take);

}  // namespace smartlic::io
