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

void Pool::purchase(std::uint32_t tag_number, const Purchase& what) {
  tag(tag_number).purchases.push_back(what);
}

bool Pool::use(InstanceId instance, std::span<const TagCount> wanted, UtcTime until, UtcTime now) {
  end_usages(now);
  auto& usage = usages_[instance];
  take_out(usage);
  usage.counts.assign(wanted.begin(), wanted.end());
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
  const auto found = usages_.find(instance);
  if (found == usages_.end()) return;
  take_out(found->second);
}

void Pool::extend(InstanceId instance, UtcTime until, UtcTime now) {
  end_usages(now);
  const auto found = usages_.find(instance);
  if (found == usages_.end() || found->second.counts.empty()) return;
  found->second.until = until;
  enqueue(instance, found->second);
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
  const auto found = usages_.find(instance);
  if (found == usages_.end()) return {};
  return found->second.counts;
}

Pool::Tag& Pool::tag(std::uint32_t number) {
  if (number >= tags_.size()) tags_.resize(number + 1U);
  return tags_[number];
}

void Pool::take_out(Usage& usage) {
  for (const auto& each : usage.counts) tags_[each.tag].in_use -= each.count;
  usage.counts.clear();
}

// A usage that is extended keeps its one place in the queue: when that comes up, the later end is
// queued instead. So a device that asks every month costs one queue operation per period, not per
// request.
void Pool::enqueue(InstanceId instance, Usage& usage) {
  if (usage.until >= usage.queued) return;
  usage.queued = usage.until;
  endings_.emplace(usage.queued, instance);
}

void Pool::end_usages(UtcTime now) {
  while (!endings_.empty() && endings_.top().first <= now) {
    const auto [when, instance] = endings_.top();
    endings_.pop();
    auto& usage = usages_[instance];
    if (usage.queued != when) continue;  // an earlier end was queued later and has been handled
    usage.queued = never;
    if (usage.until <= now) {
      take_out(usage);
    } else {
      enqueue(instance, usage);
    }
  }
}

}  // namespace smartlic::rules
