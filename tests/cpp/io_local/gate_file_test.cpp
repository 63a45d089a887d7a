#include "io/local/gate_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "io/local/files.hpp"
#include "processes.hpp"
#include "temporary_folder.hpp"

namespace smartlic::io {
namespace {

using namespace std::chrono_literals;
using admission::ComingMode;
using admission::Plan;
using admission::Reason;
using admission::WindowShape;

constexpr Now now{UtcTime{Ms{1'500'000'000'000}}, BootTime{100s}, Uuid{{1}}};
constexpr Now rebooted{UtcTime{Ms{1'500'000'060'000}}, BootTime{3s}, Uuid{{2}}};
constexpr UtcTime licensing{Ms{1'400'000'000'000}};
constexpr Plan plan{Mode::InCompliance, 10, licensing};

Now later(std::chrono::nanoseconds time) { return {now.wall, now.boot + time, now.boot_id}; }

class GateFileTest : public testing::Test {
 protected:
  void create(const GateFileOptions& options = {}) {
    ASSERT_TRUE(GateFile::create(path_, now, options));
  }
  GateFile open(const Now& at = now) { return GateFile::open(path_, at).value(); }
  /// The error of opening a file of this content, the same for deciding and looking.
  Error refusal_of(std::string_view content) {
    EXPECT_TRUE(write_file_atomic(path_, as_bytes(content)));
    const auto opened = GateFile::open(path_, now);
    const auto observed = GateObserver::open(path_);
    if (opened || observed) return {Errc::internal, "it was opened"};
    EXPECT_EQ(opened.error(), observed.error());
    EXPECT_EQ(as_text(read_file(path_, 1 << 20).value()), content) << "left as it is";
    return opened.error();
  }
  std::string content() { return std::string{as_text(read_file(path_, 1 << 20).value())}; }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "gate";
};

TEST_F(GateFileTest, CreatedWholeWithThePermissionsAskedForAndNeverReplaced) {
  for (const unsigned permissions : {0644U, 0660U}) {
    std::filesystem::remove(path_);
    create({.shape = WindowShape::immediate(),
            .sip_status = admission::SipStatus::server_internal_error,
            .permissions = permissions});
    struct stat facts {};
    ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, permissions);
  }
  EXPECT_EQ(open().decide(now).sip_status, admission::SipStatus::server_internal_error);
  ASSERT_TRUE(open().publish(plan, now));
  const auto again = GateFile::create(path_, now);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);
  EXPECT_EQ(open().snapshot(now).mode, Mode::InCompliance);
  EXPECT_EQ(folder_.names(), std::vector<std::string>{"gate"});
}

TEST_F(GateFileTest, AMissingFileIsNotFound) {
  EXPECT_EQ(GateFile::open(path_, now).error().code, Errc::not_found);
  EXPECT_EQ(GateObserver::open(path_).error().code, Errc::not_found);
}

TEST_F(GateFileTest, C6_EveryMappingSeesAPlanAtItsNextDecision) {
  create();
  auto worker = open();
  const auto observer = GateObserver::open(path_).value();
  EXPECT_EQ(worker.decide(now).reason, Reason::mode);
  const pid_t agent = start([&] {
    const std::array coming{ComingMode{licensing + 10s, Mode::AuthorizationExpired}};
    static_cast<void>(open().publish({Mode::InCompliance, 10, licensing, coming}, now));
    ::raise(SIGKILL);  // a dead agent neither stops calls early nor lets them run late
  });
  EXPECT_EQ(WTERMSIG(wait_for(agent)), SIGKILL);
  EXPECT_TRUE(worker.admit(now));
  EXPECT_TRUE(worker.admit(later(10s - 1ns)));
  EXPECT_FALSE(worker.admit(later(10s)));
  EXPECT_EQ(observer.snapshot(later(10s)).mode, Mode::AuthorizationExpired);
}

TEST_F(GateFileTest, C3_TwoProcessesOverTwoMappingsCountExactly) {
  create({.shape = WindowShape::create(1s, 10).value()});
  constexpr int calls = 100'000;
  run_together(2, [&] {
    auto file = open();
    for (int call = 0; call < calls; ++call) {
      static_cast<void>(file.admit(later(call * std::chrono::nanoseconds{9s} / calls)));
    }
  });
  EXPECT_EQ(open().snapshot(later(9s)).average.calls, 2U * calls);
}

TEST_F(GateFileTest, C3_ThreadsOverOneMappingCountExactlyWhileAPlanIsPublished) {
  create({.shape = WindowShape::create(1s, 10).value()});
  auto file = open();
  constexpr int threads = 3;
  constexpr int calls = 20'000;
  std::atomic<int> deciding{threads};
  std::vector<std::thread> team;
  for (int thread = 0; thread < threads; ++thread) {
    team.emplace_back([&] {
      for (int call = 0; call < calls; ++call) {
        static_cast<void>(file.admit(later(call * std::chrono::nanoseconds{9s} / calls)));
      }
      --deciding;
    });
  }
  while (deciding != 0) ASSERT_TRUE(file.publish(plan, now));
  for (auto& thread : team) thread.join();
  EXPECT_EQ(file.snapshot(later(9s)).average.calls, std::uint64_t{threads} * calls);
}

// Not to be seen in what it decides: that opened files do not fight for one counter.
TEST_F(GateFileTest, EachOpenFileHasAStripeOfItsOwnFromItsFirstDecisionOn) {
  create();
  const auto before = content();
  std::vector<GateFile> files;
  for (std::size_t each = 0; each < admission::Stripe::count; ++each) files.push_back(open());
  EXPECT_EQ(content(), before) << "opening alone changes nothing";
  std::set<std::size_t> stripes;
  for (auto& file : files) {
    static_cast<void>(file.admit(now));
    stripes.insert(file.stripe().number());
    EXPECT_EQ(GateFile{std::move(file)}.stripe().number(), *stripes.rbegin());
  }
  EXPECT_EQ(stripes.size(), admission::Stripe::count);
}

TEST_F(GateFileTest, C3_WhatIsOpenWhenAProcessForksCountsOnInBoth) {
  create({.shape = WindowShape::create(1s, 10).value()});
  constexpr int calls = 50'000;
  auto file = open();
  const auto decide = [&] {
    for (int call = 0; call < calls; ++call) static_cast<void>(file.admit(now));
  };
  const pid_t child = start(decide);
  decide();
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_TRUE(file.set_limit(7)) << "the child's end let go of nothing that is the parent's";
  EXPECT_EQ(file.decide(later(1s)).limit, 7U);
  EXPECT_EQ(file.snapshot(later(1s)).average.calls, 2U * calls);
}

TEST_F(GateFileTest, OfManyThatOpenItInAnotherBootAtOnceOneBeginsAnew) {
  for (int round = 0; round < 20; ++round) {
    std::filesystem::remove(path_);
    create({.shape = WindowShape::create(1s, 10).value()});
    run_together(4, [&] { static_cast<void>(open(rebooted).admit(rebooted)); });
    const Now next{rebooted.wall, rebooted.boot + 1s, rebooted.boot_id};
    ASSERT_EQ(open(rebooted).snapshot(next).average.calls, 4U);
  }
}

TEST_F(GateFileTest, C6_APublisherKilledAnywhereHarmsNobody) {
  create();
  constexpr Plan other{Mode::OutOfCompliance, 20, licensing};
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(open().publish(plan, now));
    const pid_t agent = start([&] {
      auto file = open();
      for (;;) {
        for (const Plan& each : {other, other, plan, plan}) {  // so that both slots change
          static_cast<void>(file.publish(each, now));
        }
      }
    });
    const auto observer = GateObserver::open(path_).value();
    bool published = false;
    const auto look = [&] {
      const auto seen = observer.snapshot(now);
      published = published || seen.limit == 20U;
      return seen.mode == (seen.limit == 20U ? Mode::OutOfCompliance : Mode::InCompliance);
    };
    while (!published) ASSERT_TRUE(look());
    for (int more = 0; more < 37 * round; ++more) ASSERT_TRUE(look());
    ::kill(agent, SIGKILL);
    wait_for(agent);
    EXPECT_TRUE(look());
  }
}

TEST_F(GateFileTest, TheFirstToOpenItInAnotherBootBeginsToCountAnew) {
  create({.shape = WindowShape::create(1s, 10).value()});
  {
    auto file = open();
    ASSERT_TRUE(file.publish(plan, now));
    for (int i = 0; i < 500; ++i) static_cast<void>(file.admit(now));
    EXPECT_EQ(file.snapshot(later(1s)).average.calls, 500U);
  }
  EXPECT_EQ(open().snapshot(later(1s)).average.calls, 500U) << "not within a boot";
  auto first = open(rebooted);
  EXPECT_EQ(first.snapshot(rebooted).mode, Mode::InCompliance);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(first.admit(rebooted));
  auto second = open(rebooted);
  const Now next{rebooted.wall, rebooted.boot + 1s, rebooted.boot_id};
  EXPECT_EQ(second.decide(next).average.calls, 3U);
}

TEST_F(GateFileTest, AnObserverChangesNothing) {
  create();
  const auto before = content();
  for (const Now& at : {now, later(100s), rebooted}) {
    EXPECT_EQ(GateObserver::open(path_).value().snapshot(at).mode, Mode::Disabled);
  }
  EXPECT_EQ(content(), before);
}

TEST_F(GateFileTest, AnotherVersionIsRefusedWithAClearSentence) {
  create();
  auto other = content();
  other[16] = 9;
  EXPECT_EQ(refusal_of(other),
            (Error{Errc::state_version, path_.string() + ": its layout is version 9, and this "
                                                         "program's is 3"}));
}

TEST_F(GateFileTest, DamageIsRefusedAndSaysWhatToDo) {
  create();
  const auto whole = content();
  const auto cut = whole.substr(0, whole.size() - 1);
  auto foreign = whole;
  foreign[0] = 'S';
  for (const auto& damaged : {std::string{}, std::string{"x"}, cut, whole + '\0', foreign}) {
    const auto error = refusal_of(damaged);
    EXPECT_EQ(error.code, Errc::state_damaged);
    EXPECT_TRUE(error.detail.starts_with(path_.string() + ": it ")) << error.detail;
    EXPECT_TRUE(error.detail.ends_with("remove it, and the agent's next command makes a new one"))
        << error.detail;
  }
}

}  // namespace
}  // namespace smartlic::io
