#pragma once
// Processes of a test's own.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace smartlic::io {

/// A child process that runs `action`, which a test may kill.
template <class Action>
pid_t start(Action action) {
  const pid_t process = ::fork();
  if (process == 0) {
    action();
    ::_exit(0);
  }
  return process;
}

inline int wait_for(pid_t process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return status;
}

/// Runs `action` in so many processes, which all begin at once.
template <class Action>
void run_together(int processes, Action action) {
  std::array<int, 2> gun{};  // closed when all are there
  ASSERT_EQ(::pipe(gun.data()), 0);
  std::vector<pid_t> team;
  for (int each = 0; each < processes; ++each) {
    team.push_back(start([&] {
      ::close(gun[1]);
      char byte = 0;
      static_cast<void>(!::read(gun[0], &byte, 1));
      action();
    }));
  }
  ::close(gun[0]);
  ::close(gun[1]);
  for (const pid_t process : team) EXPECT_EQ(wait_for(process), 0);
}

}  // namespace smartlic::io
