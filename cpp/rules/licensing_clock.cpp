#include "rules/licensing_clock.hpp"

#include <algorithm>

namespace smartlic::rules {
namespace {

bool same_boot(const Now& a, const Now& b) { return a.boot_id == b.boot_id; }

Ms boot_passed(const Now& from, const Now& to) {
  return std::chrono::floor<Ms>(std::max(boot_clock::duration{0}, to.boot - from.boot));
}

}  // namespace

UtcTime LicensingClock::at(const Now& now) const {
  if (same_boot(now, seen_)) return licensing_ + boot_passed(seen_, now);
  return licensing_ + std::max(Ms{0}, now.wall - seen_.wall);
}

std::optional<WallJump> LicensingClock::observe(const Now& now, Ms tolerance) {
  const UtcTime licensing = at(now);
  std::optional<WallJump> jump;
  if (same_boot(now, seen_)) {
    const Ms passed = boot_passed(seen_, now);
    const UtcTime expected = seen_.wall + passed;
    if (std::chrono::abs(now.wall - expected) > tolerance) jump = WallJump{expected, now.wall};
    // The anchor's boot time keeps the part of a millisecond that L has not been given yet, so that
    // many looks lose nothing.
    seen_ = Now{now.wall, seen_.boot + passed, now.boot_id};
  } else {
    if (now.wall < seen_.wall - tolerance) jump = WallJump{seen_.wall, now.wall};
    seen_ = now;
  }
  licensing_ = licensing;
  return jump;
}

UtcTime LicensingClock::corrected(const Now& now, UtcTime answer_time, const Now& asked) const {
  const UtcTime licensing = at(now);
  if (licensing < answer_time) return answer_time;
  if (!same_boot(now, asked))
    return licensing;  // how long the answer took is unknown: only the lower end holds
  const auto passed = std::max(boot_clock::duration{0}, now.boot - asked.boot);
  return std::min(licensing, answer_time + std::chrono::ceil<Ms>(passed));
}

void LicensingClock::correct(const Now& now, UtcTime licensing) {
  seen_ = now;
  licensing_ = licensing;
}

}  // namespace smartlic::rules
