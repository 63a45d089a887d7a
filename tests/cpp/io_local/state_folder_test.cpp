#include "io/local/state_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <csignal>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "file_size_limit.hpp"
#include "io/local/files.hpp"
#include "temporary_folder.hpp"

namespace smartlic::io {
namespace {

namespace fs = std::filesystem;

class StateFolderTest : public testing::Test {
 protected:
  [[nodiscard]] StateFolder open() const {
    auto opened = StateFolder::open(folder_, true);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
  [[nodiscard]] std::string file() const {
    const auto content = read_file(folder_ / "state.bin", 1 << 20);
    return content ? std::string{as_text(*content)} : std::string{};
  }
  void set_file(std::string_view content) const {
    fs::create_directory(folder_);
    ASSERT_TRUE(write_file_atomic(folder_ / "state.bin", as_bytes(content)));
  }
  /// What a folder with this state.bin loads: the content, or the error's name.
  [[nodiscard]] std::string loaded(std::string_view content) const {
    set_file(content);
    return load_text(open());
  }
  static std::string load_text(const StateFolder& state) {
    const auto content = state.load();
    if (!content) return std::string{to_string(content.error().code)};
    return content->has_value() ? std::string{as_text(**content)} : "nothing";
  }

  TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path() / "agent";
};

/// The layout that the header promises, written a second time.
std::string file_of(unsigned char version, std::string_view content, std::size_t missing = 0) {
  std::string file = "smartlic-agent-state";
  file.append("\0\0\0", 3).push_back(static_cast<char>(version));
  for (int shift = 56; shift >= 0; shift -= 8) {
    file.push_back(static_cast<char>((content.size() + missing) >> shift));
  }
  const std::string summed = file + std::string{content};
  const auto sum = ::crc32_z(0, reinterpret_cast<const Bytef*>(summed.data()), summed.size());
  for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<char>(sum >> shift));
  return file.append(content);
}

TEST_F(StateFolderTest, KeepsWhatWasSavedLast) {
  {
    auto state = open();
    EXPECT_EQ(load_text(state), "nothing");
    ASSERT_TRUE(state.save(as_bytes("one")));
    ASSERT_TRUE(state.save(as_bytes("two")));
    EXPECT_EQ(load_text(state), "two");
  }
  EXPECT_EQ(load_text(open()), "two");
}

TEST_F(StateFolderTest, AnEmptyStateIsAState) {
  auto state = open();
  ASSERT_TRUE(state.save({}));
  EXPECT_EQ(load_text(state), "");
}

TEST_F(StateFolderTest, IsTheOwnersAlone) {
  const auto umask_before = ::umask(0);
  auto state = open();
  ASSERT_TRUE(state.save(as_bytes("secret")));
  ::umask(umask_before);
  for (const auto& [path, mode] :
       {std::pair{folder_, 0700U}, {folder_ / "state.bin", 0600U}, {folder_ / "lock", 0600U}}) {
    struct stat facts {};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777, mode) << path;
  }
}

TEST_F(StateFolderTest, WritesTheLayoutOfItsHeader) {
  ASSERT_TRUE(open().save(as_bytes("content")));
  EXPECT_EQ(file(), file_of(1, "content"));
  EXPECT_EQ(loaded(file_of(1, "other")), "other");
}

TEST_F(StateFolderTest, AnotherVersionIsToldFromDamage) {
  EXPECT_EQ(loaded(file_of(2, "content")), "state_version");
  EXPECT_EQ(loaded(file_of(0, "content")), "state_version");
}

TEST_F(StateFolderTest, EveryFlippedBitIsDamage) {
  const std::string whole = file_of(1, "some content");
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(loaded(flipped), "state_damaged") << "bit " << bit;
  }
}

TEST_F(StateFolderTest, EveryTruncationAndAnythingAddedIsDamage) {
  const std::string whole = file_of(1, "some content");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(loaded(whole.substr(0, length)), "state_damaged") << length << " bytes";
  }
  EXPECT_EQ(loaded(whole + '\0'), "state_damaged");
}

TEST_F(StateFolderTest, ALengthThatDoesNotFitIsDamageWhateverTheChecksum) {
  EXPECT_EQ(loaded(file_of(1, "content", 0)), "content");
  EXPECT_EQ(loaded(file_of(1, "content", 1)), "state_damaged");
}

TEST_F(StateFolderTest, DamageIsLeftAsItIs) {
  set_file("damaged");
  EXPECT_EQ(load_text(open()), "state_damaged");
  EXPECT_EQ(file(), "damaged");
}

TEST_F(StateFolderTest, M11NoOlderStateIsEverKeptAside) {
  auto state = open();
  ASSERT_TRUE(state.save(as_bytes("one")));
  ASSERT_TRUE(state.save(as_bytes("two")));
  for (const auto& entry : fs::directory_iterator{folder_}) {
    const auto name = entry.path().filename();
    EXPECT_TRUE(name == "state.bin" || name == "lock") << name;
  }
}

TEST_F(StateFolderTest, OpeningRemovesWhatAKilledSaveLeft) {
  ASSERT_TRUE(open().save(as_bytes("kept")));
  ASSERT_TRUE(create_file_atomic(folder_ / ".state.bin.aB3xYz", as_bytes("half")));
  EXPECT_EQ(load_text(open()), "kept");
  EXPECT_FALSE(fs::exists(folder_ / ".state.bin.aB3xYz"));
}

TEST_F(StateFolderTest, FullStorageKeepsTheOldState) {
  auto state = open();
  ASSERT_TRUE(state.save(as_bytes("old")));
  const auto saved = [&] {
    const FileSizeLimit limit{100};
    return state.save(as_bytes(std::string(1000, 'x')));
  }();
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Errc::storage_full);
  EXPECT_EQ(load_text(state), "old");
}

TEST_F(StateFolderTest, SizeLimitIsTheSameForSavingAndLoading) {
  auto state = open();
  const std::string largest(max_state_size, 'x');
  ASSERT_TRUE(state.save(as_bytes(largest)));
  EXPECT_TRUE(load_text(state) == largest);
  const auto saved = state.save(as_bytes(largest + "x"));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Errc::invalid_argument);
}

TEST_F(StateFolderTest, MissingFolderIsNotFoundUnlessCreated) {
  const auto opened = StateFolder::open(folder_, false);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::not_found);
  EXPECT_FALSE(fs::exists(folder_));
  const auto too_deep = StateFolder::open(folder_ / "below", true);
  ASSERT_FALSE(too_deep);
  EXPECT_EQ(too_deep.error().code, Errc::not_found);
}

TEST_F(StateFolderTest, AFileInPlaceOfTheFolderIsAnError) {
  ASSERT_TRUE(write_file_atomic(folder_, as_bytes("x")));
  const auto opened = StateFolder::open(folder_, true);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::storage_failed);
}

TEST_F(StateFolderTest, LockedInThisProcessUntilClosed) {
  {
    const auto state = open();
    const auto second = StateFolder::open(folder_, false);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::locked);
  }
  EXPECT_TRUE(StateFolder::open(folder_, false));
}

TEST_F(StateFolderTest, PeekNeedsNoLock) {
  const auto missing = StateFolder::peek(folder_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  auto state = open();
  const auto nothing = StateFolder::peek(folder_);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->has_value());
  ASSERT_TRUE(state.save(as_bytes("seen")));
  const auto seen = StateFolder::peek(folder_);
  ASSERT_TRUE(seen && seen->has_value());
  EXPECT_EQ(as_text(**seen), "seen");
}

TEST_F(StateFolderTest, ARelativePathOutlivesAChangeOfDirectory) {
  const auto before = fs::current_path();
  fs::current_path(temporary_.path());
  auto opened = StateFolder::open("agent/", true);
  fs::current_path(before);
  ASSERT_TRUE(opened);
  ASSERT_TRUE(opened->save(as_bytes("here")));
  EXPECT_EQ(file(), file_of(1, "here"));
}

/// A child that opens the folder, says so by one byte, and saves growing states until it is killed.
class SavingChild {
 public:
  explicit SavingChild(const fs::path& folder) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
    process_ = ::fork();
    if (process_ == 0) save_for_ever(folder, ends[1]);
    ::close(ends[1]);
    char byte = 0;
    ready_ = ::read(ends[0], &byte, 1) == 1;
    ::close(ends[0]);
  }
  ~SavingChild() { kill(); }

  [[nodiscard]] bool ready() const { return ready_; }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(std::exchange(process_, 0), nullptr, 0);
  }

 private:
  [[noreturn]] static void save_for_ever(const fs::path& folder, int ready) {
    auto state = StateFolder::open(folder, true);
    if (!state) ::_exit(1);
    for (std::size_t round = 0;; ++round) {
      const std::string content(1 + round % 50 * 4000, static_cast<char>('a' + round % 26));
      if (!state->save(as_bytes(content))) ::_exit(1);
      if (round == 0 && ::write(ready, "x", 1) != 1) ::_exit(1);
    }
  }
  pid_t process_ = -1;
  bool ready_ = false;
};

TEST_F(StateFolderTest, LockedByAnotherProcessUntilItDies) {
  SavingChild child{folder_};
  ASSERT_TRUE(child.ready());
  const auto opened = StateFolder::open(folder_, true);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::locked);
  child.kill();
  EXPECT_TRUE(StateFolder::open(folder_, true));
}

TEST_F(StateFolderTest, KilledAtAnyPointTheStateIsWhole) {
  std::mt19937 random{1};  // the same rounds each time
  int temporaries = 0;
  // As many rounds more as it takes to meet a child that is writing; seldom any.
  for (int round = 0; round < 60 || (temporaries == 0 && round < 2000); ++round) {
    SavingChild child{folder_};
    ASSERT_TRUE(child.ready());
    for (auto reads = random() % 40; reads > 0; --reads) {  // meanwhile each look finds one whole
      const auto seen = StateFolder::peek(folder_);
      ASSERT_TRUE(seen && seen->has_value());
    }
    child.kill();
    for (const auto& entry : fs::directory_iterator{folder_}) {
      temporaries += entry.path().filename().string().starts_with(".state.bin.") ? 1 : 0;
    }
    const auto state = open();
    const auto content = state.load();
    ASSERT_TRUE(content && content->has_value());
    const std::string text{as_text(**content)};
    EXPECT_EQ(text.find_first_not_of(text.front()), std::string::npos);
    for (const auto& entry : fs::directory_iterator{folder_}) {
      EXPECT_FALSE(entry.path().filename().string().starts_with(".state.bin."));
    }
  }
  RecordProperty("killed_while_writing", temporaries);
  EXPECT_GT(temporaries, 0) << "no child was ever killed while it was writing";
}

}  // namespace
}  // namespace smartlic::io
