#include "io/local/file_pieces.hpp"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "io/local/mapping.hpp"

namespace smartlic::io {
namespace {

constexpr std::size_t window = std::size_t{16} * 1024 * 1024;

bool is_gzip(ByteView content) {
  return content.size() >= 2 && content[0] == 0x1F && content[1] == 0x8B;
}

/// Of a file that is cut while it is read, no more than is still there.
std::size_t size_now(int file, std::size_t mapped) {
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return 0;
  return std::min(mapped, static_cast<std::size_t>(facts.st_size));
}

void plain(const Mapping& mapping, const TakePiece& take) {
  const ByteView content = mapping.memory();
  for (std::size_t at = 0; at < content.size(); at += window) {
    const std::size_t size = size_now(mapping.file(), content.size());
    if (at >= size) return;
    const auto piece = content.subspan(at, std::min(window, size - at));
    if (!take(piece, at + piece.size(), content.size())) return;
  }
}

/// zlib's stream, ended with this object.
class Inflater {
 public:
  Inflater() {
    constexpr int gzip = 16 + MAX_WBITS;
    begun_ = ::inflateInit2(&stream_, gzip) == Z_OK;
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (begun_) ::inflateEnd(&stream_);
  }
  [[nodiscard]] bool begun() const { return begun_; }
  z_stream& operator*() { return stream_; }

 private:
  z_stream stream_{};
  bool begun_ = false;
};

std::optional<std::string> inflated(ByteView content, const TakePiece& take) {
  Inflater inflater;
  if (!inflater.begun()) return "there is no memory to inflate it";
  z_stream& stream = *inflater;
  static constexpr std::size_t room = std::size_t{1} * 1024 * 1024;
  Bytes piece(room);
  std::size_t given = 0;  // of the content, to zlib, which counts in 32 bits
  int state = Z_OK;
  for (;;) {
    if (stream.avail_in == 0 && given < content.size()) {
      const auto part = content.subspan(given, std::min(window, content.size() - given));
      stream.next_in = const_cast<Bytef*>(part.data());  // which zlib only reads
      stream.avail_in = static_cast<uInt>(part.size());
      given += part.size();
    }
    // Files that were appended to each other are one file.
    if (state == Z_STREAM_END) {
      if (stream.avail_in == 0) return std::nullopt;
      if (*stream.next_in != 0x1F || ::inflateReset(&stream) != Z_OK)
        return "something that is not gzip follows its end";
    }
    stream.next_out = piece.data();
    stream.avail_out = static_cast<uInt>(piece.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    const ByteView out{piece.data(), piece.size() - stream.avail_out};
    if (!out.empty() && !take(out, given - stream.avail_in, content.size())) return std::nullopt;
    if (state == Z_BUF_ERROR && stream.avail_in == 0) return "it ends in the middle";
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
      return stream.msg != nullptr ? std::string{"it is damaged: "} + stream.msg : "it is damaged";
  }
}

}  // namespace

Result<std::optional<std::string>> each_piece(const std::filesystem::path& path,
                                              const TakePiece& take) {
  const auto mapping = Mapping::map(path, false);
  if (!mapping) return mapping.error();
  if (is_gzip(mapping->memory())) return inflated(mapping->memory(), take);
  plain(*mapping, take);
  return std::optional<std::string>{};
}

}  // namespace smartlic::io
