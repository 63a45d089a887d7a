#include "admission/shared_gate.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace smartlic::admission {
namespace {

constexpr std::array<char, 16> magic{"smartlic-gate"};
constexpr std::size_t version_at = magic.size();
constexpr std::size_t size_at = version_at + sizeof(std::uint32_t);
constexpr std::size_t header_size = size_at + sizeof(std::uint32_t);

/// No deadline lies farther off than half of what the boot clock can hold: 146 years.
constexpr Ms farthest = std::chrono::duration_cast<Ms>(BootTime::duration::max()) / 2;

std::int64_t number(BootTime time) { return time.time_since_epoch().count(); }
std::int64_t number(UtcTime time) { return time.time_since_epoch().count(); }
UtcTime utc(std::int64_t ms) { return UtcTime{Ms{ms}}; }

std::uint32_t number_at(ByteView memory, std::size_t at) {
  std::uint32_t found = 0;
  std::memcpy(&found, &memory[at], sizeof found);
  return found;
}

Error damaged(std::string_view how) {
  return {Errc::state_damaged,
          std::string{how}.append("; remove it, and the agent's next command makes a new one")};
}

/// Whether memory of this header and size is laid out as here; not yet what is in it.
Result<void> check_layout(ByteView memory) {
  if (memory.size() < header_size) return damaged("it is too short for a gate");
  if (std::memcmp(memory.data(), magic.data(), magic.size()) != 0) return damaged("it is no gate");
  if (const auto version = number_at(memory, version_at); version != SharedGate::layout_version) {
    return Error{Errc::state_version, "its layout is version " + std::to_string(version) +
                                          ", and this program's is " +
                                          std::to_string(SharedGate::layout_version)};
  }
  if (memory.size() != sizeof(SharedGate) || number_at(memory, size_at) != sizeof(SharedGate)) {
    return damaged("it has not the size of a gate");
  }
  if (reinterpret_cast<std::uintptr_t>(memory.data()) % alignof(SharedGate) != 0) {
    return Error{Errc::invalid_argument, "the memory of a gate has to be aligned"};
  }
  return {};
}

bool well_formed(const WindowShape& shape) {
  if (shape == WindowShape::immediate()) return true;
  const auto same = WindowShape::create(shape.interval(), shape.intervals());
  return same && *same == shape;
}

bool well_formed(Terms terms) {
  return std::ranges::find(all_modes, terms.mode()) != all_modes.end() &&
         terms == Terms{terms.mode(), terms.limit()};
}

Result<void> check(const Plan& plan) {
  if (plan.coming.size() > SharedGate::max_coming) {
    return Error{Errc::invalid_argument, "a gate holds four coming modes at the most"};
  }
  if (!std::ranges::is_sorted(plan.coming, {}, &ComingMode::at)) {
    return Error{Errc::invalid_argument, "coming modes are given in the order of their times"};
  }
  return {};
}

}  // namespace

SharedGate::SharedGate(const WindowShape& shape, SipStatus sip_status, const Now& now)
    : magic_{magic},
      version_{layout_version},
      size_{sizeof(SharedGate)},
      begun_{number(now.wall)},
      gate_{Mode::Disabled, std::nullopt, shape, now.boot, sip_status} {
  boot_.store(now.boot_id);
  for (Slot& slot : slots_) {
    slot.published = unused;
    slot.terms = Terms{Mode::Disabled, std::nullopt}.word();
    for (Change& change : slot.coming) change.boot = change.wall = unused;
  }
}

Result<SharedGate*> SharedGate::attach(std::span<std::uint8_t> memory) {
  const auto found = observe(memory);
  if (!found) return found.error();
  return const_cast<SharedGate*>(*found);  // of memory that may be written
}

Result<const SharedGate*> SharedGate::observe(ByteView memory) {
  if (const auto checked = check_layout(memory); !checked) return checked.error();
  const auto* gate = reinterpret_cast<const SharedGate*>(memory.data());
  if (!gate->well_formed()) return damaged("what is in it makes no sense");
  return gate;
}

Result<void> SharedGate::publish(const Plan& plan, const Now& now) {
  if (auto checked = check(plan); !checked) return checked;
  constexpr auto order = std::memory_order_release;
  const std::uint64_t next = sequence_.load(std::memory_order_acquire) + 1;
  Slot& slot = slots_[next % slots_.size()];
  slot.boot.store(now.boot_id);
  slot.published.store(number(now.wall), order);
  slot.terms.store(Terms{plan.mode, plan.limit}.word(), order);
  for (std::size_t i = 0; i < max_coming; ++i) {
    Change& change = slot.coming[i];
    if (i >= plan.coming.size()) {
      change.boot.store(unused, order);
      change.wall.store(unused, order);
      continue;
    }
    const Ms left = std::clamp(plan.coming[i].at - plan.licensing_time, -farthest, farthest);
    change.boot.store(number(now.boot + left), order);
    change.wall.store(number(now.wall + left), order);
    change.terms.store(Terms{plan.coming[i].mode, plan.limit}.word(), order);
  }
  sequence_.store(next, order);
  return {};
}

void SharedGate::set_limit(Limit limit) {
  constexpr auto order = std::memory_order_release;
  const auto limited = [&](const Word& terms) {
    return Terms{Terms::of_word(terms.load()).mode(), limit}.word();
  };
  const std::uint64_t next = sequence_.load(std::memory_order_acquire) + 1;
  const Slot& from = slots_[(next - 1) % slots_.size()];
  Slot& to = slots_[next % slots_.size()];
  to.boot.store(from.boot);
  to.published.store(from.published.load(), order);
  to.terms.store(limited(from.terms), order);
  for (std::size_t i = 0; i < max_coming; ++i) {
    to.coming[i].boot.store(from.coming[i].boot.load(), order);
    to.coming[i].wall.store(from.coming[i].wall.load(), order);
    to.coming[i].terms.store(limited(from.coming[i].terms), order);
  }
  sequence_.store(next, order);
}

GateSnapshot SharedGate::snapshot(const Now& now) const {
  constexpr auto order = std::memory_order_acquire;
  auto seen = read([&](const Slot& slot) {
    const Terms terms = terms_at(slot, now);
    GateSnapshot out{.mode = terms.mode(),
                     .limit = terms.limit(),
                     .average = {},
                     .coming = {},
                     .published = {},
                     .begun = utc(begun_.load(order)),
                     .shape = gate_.shape(),
                     .sip_status = gate_.sip_status(),
                     .failed_call_log = failed_call_log(),
                     .failed_calls_lost = failed_calls_lost_.load(order)};
    if (const auto at = slot.published.load(order); at != unused) out.published = utc(at);
    for (const Change& change : slot.coming) {
      const auto wall = change.wall.load(order);
      if (wall == unused || change.passed(slot.boot.is(now.boot_id), now)) continue;
      out.coming.push_back({utc(wall), Terms::of_word(change.terms.load(order)).mode()});
    }
    return out;
  });
  seen.average = counts_in(now) ? gate_.average(now.boot) : Average{0, gate_.shape().window()};
  return seen;
}

bool SharedGate::counts_in(const Now& now) const { return boot_.is(now.boot_id); }

void SharedGate::restart(const Now& now) {
  const WindowShape shape = gate_.shape();
  const SipStatus sip_status = gate_.sip_status();
  std::destroy_at(&gate_);
  std::construct_at(&gate_, Mode::Disabled, std::nullopt, shape, now.boot, sip_status);
  begun_.store(number(now.wall), std::memory_order_release);
  boot_.store(now.boot_id);  // last: until then it is of the other boot
}

void SharedGate::Boot::store(const std::array<std::uint64_t, 2>& words) {
  words_[0].store(words[0], std::memory_order_release);
  words_[1].store(words[1], std::memory_order_release);
}

bool SharedGate::well_formed() const {
  const bool status = gate_.sip_status() == SipStatus::service_unavailable ||
                      gate_.sip_status() == SipStatus::server_internal_error;
  return status && admission::well_formed(gate_.shape()) && read([](const Slot& slot) {
           if (!admission::well_formed(Terms::of_word(slot.terms))) return false;
           return std::ranges::all_of(slot.coming, [](const Change& change) {
             return change.wall == unused || admission::well_formed(Terms::of_word(change.terms));
           });
         });
}

}  // namespace smartlic::admission
