#include "io/local/file_pieces.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <random>

#include "io_local/temporary_folder.hpp"

namespace smartlic::io {
namespace {

/// What a file gives: its bytes, how it ended, and whether the progress told was sound.
struct Given {
  std::string bytes{};
  std::optional<std::string> wrong{};
  std::size_t pieces = 0;
  std::uint64_t done = 0;
  std::uint64_t size = 0;
};

Given give(const std::filesystem::path& path) {
  Given out;
  const auto end = each_piece(path, [&](ByteView piece, std::uint64_t done, std::uint64_t size) {
    EXPECT_FALSE(piece.empty());
    EXPECT_GE(done, out.done);
    EXPECT_LE(done, size);
    out.bytes += as_text(piece);
    out.done = done;
    out.size = size;
    ++out.pieces;
    return true;
  });
  EXPECT_TRUE(end);
  if (end) out.wrong = *end;
  return out;
}

/// One gzip member.
std::string gzip(const std::string& content) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, content.size()) + 32, '\0');
  std::string in = content;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string noise(std::size_t size) {
  std::mt19937 random{1};
  std::string out(size, '\0');
  for (char& each : out) each = static_cast<char>(random());
  return out;
}

class FilePieces : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& content) {
    const auto path = folder_.path() / "file";
    std::ofstream{path, std::ios::binary} << content;
    return path;
  }
  TemporaryFolder folder_;
};

constexpr std::size_t window = std::size_t{16} * 1024 * 1024;

TEST_F(FilePieces, APlainFileIsGivenAsItIs) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, window - 1, window, window + 1}) {
    const std::string content = noise(size);
    const Given given = give(file(content));
    EXPECT_TRUE(given.bytes == content) << size;
    EXPECT_EQ(given.wrong, std::nullopt);
    EXPECT_EQ(given.done, size);
    EXPECT_EQ(given.size, size);
    EXPECT_EQ(given.pieces, size > window ? 2U : 1U);
  }
}

TEST_F(FilePieces, AnEmptyFileGivesNothing) {
  const Given given = give(file(""));
  EXPECT_EQ(given.pieces, 0U);
  EXPECT_EQ(given.wrong, std::nullopt);
}

TEST_F(FilePieces, AMissingFileAndAFolderAreErrors) {
  const auto take = [](ByteView, std::uint64_t, std::uint64_t) { return true; };
  const auto missing = each_piece(folder_.path() / "none", take);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  const auto folder = each_piece(folder_.path(), take);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, Errc::storage_failed);
}

TEST_F(FilePieces, AGzipFileIsInflated) {
  for (const std::string& content :
       {std::string{}, std::string{"line\n"}, noise(3'000'000), std::string(5'000'000, 'x')}) {
    const std::string packed = gzip(content);
    const Given given = give(file(packed));
    EXPECT_TRUE(given.bytes == content) << content.size();
    EXPECT_EQ(given.wrong, std::nullopt);
    EXPECT_EQ(given.done, content.empty() ? 0 : packed.size());
  }
}

TEST_F(FilePieces, GzipMembersAreOneFile) {
  const std::string big = noise(window + 5);
  const Given given = give(file(gzip("a\n") + gzip("") + gzip(big) + gzip("b\n")));
  EXPECT_TRUE(given.bytes == "a\n" + big + "b\n");
  EXPECT_EQ(given.wrong, std::nullopt);
}

TEST_F(FilePieces, OfACutGzipFileWhatThereIsIsGiven) {
  const std::string content = noise(100'000);
  const std::string packed = gzip(content);
  for (const std::size_t size :
       {std::size_t{2}, std::size_t{5}, packed.size() / 2, packed.size() - 8, packed.size() - 1}) {
    const Given given = give(file(packed.substr(0, size)));
    EXPECT_EQ(given.wrong, "it ends in the middle") << size;
    EXPECT_TRUE(content.starts_with(given.bytes));
    const std::size_t least = size > packed.size() / 2    ? content.size()
                              : size == packed.size() / 2 ? content.size() / 3
                                                          : 0;
    EXPECT_GE(given.bytes.size(), least) << size;
  }
}

TEST_F(FilePieces, OfADamagedGzipFileWhatStandsBeforeIsGiven) {
  const std::string content = noise(200'000);
  std::string packed = gzip(content);
  packed[packed.size() - 5] ^= 1;  // of its checksum
  const Given checksum = give(file(packed));
  EXPECT_TRUE(checksum.bytes == content);
  EXPECT_EQ(checksum.wrong, "it is damaged: incorrect data check");

  const Given header = give(file("\x1F\x8B\x08\xFF nothing of the kind"));
  EXPECT_EQ(header.bytes, "");
  ASSERT_TRUE(header.wrong);
  EXPECT_TRUE(header.wrong->starts_with("it is damaged")) << *header.wrong;

  const Given tail = give(file(gzip("a\n") + "tail"));
  EXPECT_EQ(tail.bytes, "a\n");
  EXPECT_EQ(tail.wrong, "something that is not gzip follows its end");
}

TEST_F(FilePieces, TakingEndsWhenItIsEnough) {
  for (const std::string& content : {noise(2 * window), gzip(noise(window))}) {
    int taken = 0;
    const auto end = each_piece(file(content), [&](ByteView, std::uint64_t, std::uint64_t) {
      ++taken;
      return false;
    });
    ASSERT_TRUE(end);
    EXPECT_EQ(*end, std::nullopt);
    EXPECT_EQ(taken, 1);
  }
}

TEST_F(FilePieces, AFileThatShrinksMeanwhileEndsWhereItEndsThen) {
  const auto path = file(noise(3 * window));
  std::uint64_t taken = 0;
  const auto end = each_piece(path, [&](ByteView piece, std::uint64_t, std::uint64_t) {
    if (taken == 0) std::filesystem::resize_file(path, window + 7);
    taken += piece.size();
    return true;
  });
  ASSERT_TRUE(end);
  EXPECT_EQ(taken, window + 7);
}

}  // namespace
}  // namespace smartlic::io
