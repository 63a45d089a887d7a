#include "io/local/gate_worker.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

#include "file_size_limit.hpp"
#include "io/local/clock.hpp"
#include "io/local/files.hpp"
#include "processes.hpp"
#include "temporary_folder.hpp"

namespace smartlic::io {
namespace {

using namespace std::chrono_literals;

std::string own(const std::filesystem::path& prefix) {
  return prefix.string() + "." + std::to_string(::getpid()) + ".jsonl";
}
std::string text_of(const std::filesystem::path& path) {
  return std::string{as_text(read_file(path, 1 << 20).value())};
}

class FailedCallLogTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path prefix_ = folder_.path() / "log";
  FailedCallLog log_{prefix_};
};

TEST_F(FailedCallLogTest, S11_LinesAreAppendedToTheProcessesOwnFile) {
  EXPECT_TRUE(log_.append("one\n", 100));
  EXPECT_TRUE(log_.append("two\n", 100));
  EXPECT_EQ(text_of(own(prefix_)), "one\ntwo\n");
  log_.close();
  EXPECT_TRUE(log_.append("three\n", 100)) << "also to what is there";
  EXPECT_EQ(text_of(own(prefix_)), "one\ntwo\nthree\n");
  struct stat facts {};
  ASSERT_EQ(::stat(own(prefix_).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0137U, 0U) << "calls are not for all to read";
}

TEST_F(FailedCallLogTest, S11_AFileThatWouldGrowTooLargeIsPutAsideAndOneOlderIsKept) {
  for (const char* line : {"1234\n", "5678\n", "9abc\n", "def0\n", "1111\n"})
    EXPECT_TRUE(log_.append(line, 10));
  EXPECT_EQ(text_of(own(prefix_)), "1111\n");
  EXPECT_EQ(text_of(own(prefix_) + ".1"), "9abc\ndef0\n");
  EXPECT_EQ(folder_.names().size(), 2U);
  EXPECT_TRUE(log_.append("longer than the file may be\n", 10)) << "a record is never cut";
  EXPECT_EQ(text_of(own(prefix_)), "longer than the file may be\n");
}

TEST_F(FailedCallLogTest, AFullDiskLosesWholeLinesAndNothingElse) {
  ASSERT_TRUE(log_.append("12345678\n", 1000));
  {
    const FileSizeLimit full{15};
    EXPECT_FALSE(log_.append("half a line\n", 1000));
    EXPECT_EQ(text_of(own(prefix_)), "12345678\n");
    EXPECT_TRUE(log_.append("fits\n", 1000));
  }
  EXPECT_TRUE(log_.append("again\n", 1000));
  EXPECT_EQ(text_of(own(prefix_)), "12345678\nfits\nagain\n");
}

TEST_F(FailedCallLogTest, AFolderThatComesLaterIsTakenWhenItIsThere) {
  FailedCallLog log{folder_.path() / "later" / "log"};
  EXPECT_FALSE(log.append("lost\n", 100));
  std::filesystem::create_directory(folder_.path() / "later");
  EXPECT_TRUE(log.append("kept\n", 100));
}

TEST_F(FailedCallLogTest, AProcessThatIsForkedOffBeginsAFileOfItsOwn) {
  ASSERT_TRUE(log_.append("parent\n", 100));
  const pid_t child = start([&] { ::_exit(log_.append("child\n", 100) ? 0 : 1); });
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(text_of(own(prefix_)), "parent\n");
  EXPECT_EQ(text_of(prefix_.string() + "." + std::to_string(child) + ".jsonl"), "child\n");
}

class GateWorkerTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(GateFile::create(path_, read_clock().value())); }
  GateFile gate() { return GateFile::open(path_, read_clock().value()).value(); }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "gate";
};

TEST_F(GateWorkerTest, DecidesByTheGateFile) {
  auto worker = GateWorker::open(path_).value();
  EXPECT_EQ(worker.decide().value().reason, admission::Reason::mode);
  const Now now = read_clock().value();
  ASSERT_TRUE(gate().publish({Mode::InCompliance, 10, now.wall}, now));
  EXPECT_TRUE(worker.decide().value().admitted());
  EXPECT_EQ(GateWorker::open(folder_.path() / "none").error().code, Errc::not_found);
}

TEST_F(GateWorkerTest, C5_AnAnswerInOneNumberIsThatOfTheDecision) {
  auto worker = GateWorker::open(path_).value();
  EXPECT_EQ(worker.ask().value(), -503) << "by its mode: no Retry-After";
  const Now now = read_clock().value();
  ASSERT_TRUE(gate().publish({Mode::InCompliance, {}, now.wall}, now));
  EXPECT_EQ(worker.ask().value(), 1);
  ASSERT_TRUE(gate().set_limit(0));
  gate().set_sip_status(admission::SipStatus::server_internal_error);
  EXPECT_EQ(worker.ask().value(), -500);
  std::filesystem::remove(path_);
  ASSERT_TRUE(GateFile::create(path_, now, {.shape = admission::WindowShape::immediate()}));
  ASSERT_TRUE(gate().publish({Mode::InCompliance, 1, now.wall}, now));
  auto busy = GateWorker::open(path_).value();
  std::int32_t answer = 1;
  while (answer == 1) answer = busy.ask().value();
  EXPECT_EQ(answer, -1503);
}

TEST_F(GateWorkerTest, S11_LogsWhileTheGateFileSaysSo) {
  auto worker = GateWorker::open(path_).value();
  const auto reject = [&] {
    EXPECT_FALSE(worker.decide().value().admitted());
    worker.log({"call", "sip:a@x", "sip:b@y"});
  };
  const auto prefix = path_.string() + ".failed-calls";
  reject();
  EXPECT_FALSE(worker.logging());
  EXPECT_FALSE(std::filesystem::exists(own(prefix))) << "off by default";
  gate().set_failed_call_log(1 << 20);
  EXPECT_TRUE(worker.logging());
  reject();
  reject();
  gate().set_failed_call_log(0);
  reject();
  const auto text = text_of(own(prefix));
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
  EXPECT_TRUE(text.starts_with(R"({"time":"20)")) << text;
  EXPECT_NE(
      text.find(
          R"("call_id":"call","from":"sip:a@x","to":"sip:b@y","reason":"mode","mode":"Disabled")"),
      std::string::npos)
      << text;
}

TEST_F(GateWorkerTest, S11_WhatCannotBeLoggedIsCountedInTheGate) {
  auto worker = GateWorker::open(path_, folder_.path() / "no folder" / "log").value();
  gate().set_failed_call_log(1 << 20);
  for (int call = 0; call < 3; ++call) {
    EXPECT_FALSE(worker.decide().value().admitted());
    worker.log({});
  }
  EXPECT_EQ(gate().snapshot(read_clock().value()).failed_calls_lost, 3U);
}

}  // namespace
}  // namespace smartlic::io
