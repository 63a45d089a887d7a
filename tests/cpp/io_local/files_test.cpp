#include "io/local/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "file_size_limit.hpp"
#include "temporary_folder.hpp"

namespace smartlic::io {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  const auto content = read_file(path, 1 << 20);
  return content ? std::string{as_text(*content)} : content.error().message();
}

unsigned mode_of(const fs::path& path) {
  struct stat facts {};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0);
  return facts.st_mode & 07777;
}

TEST(ReadFile, ReturnsEveryByteAcrossChunks) {
  const TemporaryFolder folder;
  for (const std::size_t size : {0U, 1U, 65535U, 65536U, 65537U, 200000U}) {
    std::string content(size, '\0');
    for (std::size_t at = 0; at < size; ++at) content[at] = static_cast<char>(at * 7);
    ASSERT_TRUE(write_file_atomic(folder.path() / "f", as_bytes(content)));
    const auto unlimited = std::numeric_limits<std::size_t>::max();
    const auto read = read_file(folder.path() / "f", unlimited);
    ASSERT_TRUE(read);
    EXPECT_EQ(as_text(*read), content);
  }
}

TEST(ReadFile, LimitIsInclusive) {
  const TemporaryFolder folder;
  for (const std::size_t limit : {0U, 10U, 65536U}) {
    const std::string fits(limit, 'x');
    ASSERT_TRUE(write_file_atomic(folder.path() / "f", as_bytes(fits)));
    EXPECT_TRUE(read_file(folder.path() / "f", limit));
    ASSERT_TRUE(write_file_atomic(folder.path() / "f", as_bytes(fits + "x")));
    const auto larger = read_file(folder.path() / "f", limit);
    ASSERT_FALSE(larger);
    EXPECT_EQ(larger.error().code, Errc::storage_failed);
  }
}

TEST(ReadFile, EndlessFileStopsAtTheLimit) {
  const auto read = read_file("/dev/zero", 1000);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::storage_failed);
}

TEST(ReadFile, ErrorsNamePathAndReason) {
  const TemporaryFolder folder;
  const auto missing = read_file(folder.path() / "missing", 10);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_NE(missing.error().detail.find((folder.path() / "missing").string()), std::string::npos);
  EXPECT_NE(missing.error().detail.find("No such file"), std::string::npos);
  const auto directory = read_file(folder.path(), 10);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, Errc::storage_failed);
}

TEST(WriteFileAtomic, ReplacesWithExactlyTheModeAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "f";
  ASSERT_TRUE(write_file_atomic(path, as_bytes("one"), 0644));
  EXPECT_EQ(mode_of(path), 0644U);
  const auto umask_before = ::umask(0777);  // must not matter
  const auto written = write_file_atomic(path, as_bytes("two"));
  ::umask(umask_before);
  ASSERT_TRUE(written);
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(text_of(path), "two");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"f"});
}

TEST(WriteFileAtomic, AReaderKeepsTheWholeOldFile) {
  // rename(2) gives the name to another file: a second name of the old one still shows it, whole.
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomic(folder.path() / "f", as_bytes("old")));
  fs::create_hard_link(folder.path() / "f", folder.path() / "held");
  ASSERT_TRUE(write_file_atomic(folder.path() / "f", as_bytes("new")));
  EXPECT_EQ(text_of(folder.path() / "held"), "old");
  EXPECT_EQ(text_of(folder.path() / "f"), "new");
}

TEST(WriteFileAtomic, FullStorageKeepsTheOldFileAndNoTemporary) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "f";
  ASSERT_TRUE(write_file_atomic(path, as_bytes("old")));
  const std::string large(10000, 'x');
  const auto written = [&] {
    const FileSizeLimit limit{5000};  // so the first write is cut short, the second fails
    return write_file_atomic(path, as_bytes(large));
  }();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::storage_full);
  EXPECT_EQ(text_of(path), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"f"});
}

TEST(WriteFileAtomic, ATargetThatCannotBeReplacedLeavesNoTemporary) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "f");
  const auto written = write_file_atomic(folder.path() / "f", as_bytes("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::storage_failed);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"f"});
}

TEST(WriteFileAtomic, MissingDirectoryIsNotFound) {
  const TemporaryFolder folder;
  const auto written = write_file_atomic(folder.path() / "no" / "f", as_bytes("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::not_found);
}

TEST(WriteFileAtomic, ABareNameIsInTheWorkingDirectory) {
  const TemporaryFolder folder;
  const auto before = fs::current_path();
  fs::current_path(folder.path());
  const auto written = write_file_atomic("f", as_bytes("x"));
  fs::current_path(before);
  ASSERT_TRUE(written);
  EXPECT_EQ(text_of(folder.path() / "f"), "x");
}

TEST(CreateFileAtomic, NeverReplaces) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "f";
  ASSERT_TRUE(create_file_atomic(path, as_bytes("first")));
  EXPECT_EQ(mode_of(path), 0600U);
  const auto again = create_file_atomic(path, as_bytes("second"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);
  EXPECT_EQ(text_of(path), "first");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"f"});
}

TEST(CreateFileAtomic, OfManyThatRaceOneSucceeds) {
  const TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    const auto path = folder.path() / std::to_string(round);
    std::atomic<int> created{0};
    std::vector<std::thread> threads;
    for (int worker = 0; worker < 4; ++worker) {
      threads.emplace_back(
          [&] { created += create_file_atomic(path, as_bytes("x")).ok() ? 1 : 0; });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(created, 1);
  }
}

TEST(RemoveTemporaries, RemovesOnlyWhatAWriterOfThisFileLeft) {
  const TemporaryFolder folder;
  for (const auto* name : {"f", ".f.aB3xYz", ".f.aB3xY", ".f.aB3xYzz", ".g.aB3xYz", "f.aB3xYz"}) {
    ASSERT_TRUE(create_file_atomic(folder.path() / name, {}));
  }
  ASSERT_TRUE(remove_temporaries(folder.path() / "f"));
  EXPECT_EQ(folder.names(),
            (std::vector<std::string>{".f.aB3xY", ".f.aB3xYzz", ".g.aB3xYz", "f", "f.aB3xYz"}));
}

}  // namespace
}  // namespace smartlic::io
