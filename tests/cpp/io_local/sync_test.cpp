// What reaches the disk, and in which order. fsync(2) and rename(2) of this binary are the ones
// below, because no test can pull the plug.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "io/local/files.hpp"
#include "io/local/state_folder.hpp"
#include "temporary_folder.hpp"

namespace {

std::vector<std::string>* trace = nullptr;
int sync_error = 0;

}  // namespace

extern "C" int fsync(int file) {
  struct stat facts {};
  if (trace && ::fstat(file, &facts) == 0) {
    trace->push_back(S_ISDIR(facts.st_mode) ? "sync directory" : "sync file");
  }
  if (sync_error != 0) {
    errno = sync_error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, file));
}

extern "C" int rename(const char* from, const char* to) {
  if (trace) trace->push_back("rename");
  return ::renameat(AT_FDCWD, from, AT_FDCWD, to);
}

namespace smartlic::io {
namespace {

using Steps = std::vector<std::string>;

template <class Action>
Steps steps_of(Action action) {
  Steps steps;
  trace = &steps;
  EXPECT_TRUE(action());
  trace = nullptr;
  return steps;
}

TEST(Durability, TheFileIsOnDiskBeforeItsNameAndTheNameBeforeTheReturn) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "f";
  EXPECT_EQ(steps_of([&] { return write_file_atomic(path, as_bytes("x")); }),
            (Steps{"sync file", "rename", "sync directory"}));
  EXPECT_EQ(steps_of([&] { return create_file_atomic(folder.path() / "g", as_bytes("x")); }),
            (Steps{"sync file", "sync directory"}));
}

TEST(Durability, ANewStateFolderIsOnDiskBeforeItsFirstState) {
  const TemporaryFolder folder;
  EXPECT_EQ(steps_of([&] { return StateFolder::open(folder.path() / "agent", true); }),
            (Steps{"sync directory"}));
}

TEST(Durability, AFailedSyncKeepsTheOldFileAndNoTemporary) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "f";
  ASSERT_TRUE(write_file_atomic(path, as_bytes("old")));
  for (const auto& [number, code] : {std::pair{ENOSPC, Errc::storage_full},
                                     {EDQUOT, Errc::storage_full},
                                     {EIO, Errc::storage_failed}}) {
    sync_error = number;
    const auto written = write_file_atomic(path, as_bytes("new"));
    sync_error = 0;
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, code);
    EXPECT_EQ(folder.names(), Steps{"f"});
    const auto content = read_file(path, 10);
    ASSERT_TRUE(content);
    EXPECT_EQ(as_text(*content), "old");
  }
}

}  // namespace
}  // namespace smartlic::io
