#include "rules/pool.hpp"

#include <algorithm>

namespace smartlic::rules {

std::int64_t purchased_at(std::span<const Purchase> purchases, UtcTime at) {
  std::int64_t sum = 0;
  for (const auto& each : purchases) {
    if (each.start <= at && at < each.end) sum += each.count;
  }
  return sum;
}

void Pool::Counts::assign(std::span<const TagCount> counts) {
  many_.clear();
  size_ = counts.size();
  if (size_ <= few_.size()) {
    std::ranges::copy(counts, few_.begin());
  } else {
    many_.assign(counts.begin(), counts.end());
  }
}

void Pool::purchase(std::uint32_t tag_number, const Purchase& what) {
  tag(tag_number).purchases.push_back(what);
}

bool Pool::use(InstanceId instance, std::span<const TagCount> wanted, UtcTime until, UtcTime now) {
  end_usages(now);
  if (instance >= usages_.size()) usages_.resize(instance + std::size_t{1});
  auto& usage = usages_[instance];
  take_out(usage);
  usage.counts.assign(wanted);
  usage.until = until;
  bool compliant = true;
  for (const auto& each : wanted) {
    auto& entry = tag(each.tag);
    entry.in_use += each.count;
    compliant = compliant && in_compliance(entry.in_use, purchased_at(entry.purchases, now));
  }
  enqueue(instance, usage);
  return compliant;
}

void Pool::release(InstanceId instance) {
  if (instance < usages_.size()) take_out(usages_[instance]);
}

void Pool::extend(InstanceId instance, UtcTime until, UtcTime now) {
  end_usages(now);
  if (instance >= usages_.size() || usages_[instance].counts.get().empty()) return;
  usages_[instance].until = until;
  enqueue(instance, usages_[instance]);
}

std::int64_t Pool::purchased(std::uint32_t tag_number, UtcTime now) const {
  return tag_number < tags_.size() ? purchased_at(tags_[tag_number].purchases, now) : 0;
}

std::int64_t Pool::in_use(std::uint32_t tag_number, UtcTime now) {
  end_usages(now);
  return tag_number < tags_.size() ? tags_[tag_number].in_use : 0;
}

std::span<const TagCount> Pool::usage(InstanceId instance, UtcTime now) {
  end_usages(now);
  if (instance >= usages_.size()) return {};
  return usages_[instance].counts.get();
}

Pool::Tag& Pool::tag(std::uint32_t number) {
  if (number >= tags_.size()) tags_.resize(number + 1U);
  return tags_[number];
}

void Pool::take_out(Usage& usage) {
  for (const auto& each : usage.counts.get()) tags_[each.tag].in_use -= each.count;
  usage.counts.assign({});
}

// A usage that is extended keeps its one place in the queue: when that comes up, the later end is
// queued instead. So a device that asks every month costs one queue operation per period, not per
// request.
void Pool::enqueue(InstanceId instance, Usage& usage) {
  // The usual case first: it is looked at before its last day anyhow.
  if (usage.until == never || usage.queued <= usage.until - one_day) return;
  const UtcTime day = std::chrono::floor<std::chrono::days>(usage.until);
  const UtcTime when = day > now_ ? day : usage.until;
  if (when >= usage.queued) return;
  usage.queued = when;
  if (day > now_) {
    later_[day].push_back(instance);
  } else {
    today_.emplace(when, instance);
  }
}

void Pool::end_usages(UtcTime now) {
  now_ = std::max(now_, now);
  while (!later_.empty() && later_.begin()->first <= now) {
    const auto day = later_.extract(later_.begin());
    for (const InstanceId each : day.mapped()) look_at(day.key(), each, now);
  }
  while (!today_.empty() && today_.top().first <= now) {
    const auto [when, instance] = today_.top();
    today_.pop();
    look_at(when, instance, now);
  }
}

void Pool::look_at(UtcTime when, InstanceId instance, UtcTime now) {
  auto& usage = usages_[instance];
  if (usage.queued != when) return;  // an earlier end was queued later and has been handled
  usage.queued = never;
  if (usage.until <= now) {
    take_out(usage);
  } else {
    enqueue(instance, usage);
  }
}

}  // namespace smartlic::rules
