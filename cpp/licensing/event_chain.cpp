#include "licensing/event_chain.hpp"

#include <algorithm>
#include <array>

namespace smartlic::licensing {
namespace {

constexpr std::array<std::string_view, 11> names{
    "registered",    "deregistered",           "duplicate_udi", "fork_suspected",
    "copy_refused",  "certificate_superseded", "late_renewal",  "instance_adopted",
    "state_adopted", "entitlement_denied",     "administration"};

// Numbers have a fixed length and texts carry theirs, so no two events have the same bytes.
void add(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
  }
}

void add(Bytes& out, std::string_view text) {
  add(out, std::uint64_t{text.size()});
  const ByteView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::string number(std::uint64_t value) { return std::to_string(value); }

ChainReport broken(std::uint64_t at, ChainHead head, const std::string& why) {
  return {false, at, head,
          "The chain is broken at event " + number(at) + ": " + why +
              ". Nothing from there on is proved."};
}

/// Why this event is not the next link after `head`; empty if it is.
std::string fault_of(const LedgerEvent& event, const ChainHead& head) {
  if (event.previous != head.hash) return "it does not follow the event before it";
  if (event.hash != hash_of(event)) return "its content was changed";
  return {};
}

/// What an intact chain proves.
std::string proved(std::span<const LedgerEvent> events, bool anchored, std::uint64_t known_to) {
  if (events.empty()) return "There are no events, which proves nothing without a checkpoint.";
  const std::uint64_t first = events.front().sequence;
  const std::uint64_t last = events.back().sequence;
  std::string out =
      "Events " + number(first) + " to " + number(last) + " follow one another unchanged.";
  if (!anchored) out += " Nothing is proved about the events before " + number(first) + ".";
  if (known_to >= first) {
    out += " A checkpoint confirms them up to " + number(known_to) + ".";
  } else {
    out += " Without a checkpoint among them, it cannot be seen whether all were written anew.";
  }
  if (known_to < last || known_to == 0) {
    out += " Events cut off after " + number(last) + " cannot be seen without a later checkpoint.";
  }
  return out;
}

}  // namespace

std::string_view to_string(LedgerEventKind kind) { return names[static_cast<std::size_t>(kind)]; }

std::optional<LedgerEventKind> ledger_event_kind_from(std::string_view name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<LedgerEventKind>(at - names.begin());
}

identity::Sha256 hash_of(const LedgerEvent& event) {
  Bytes text;
  add(text, "smartlic event 1");
  add(text, event.sequence);
  add(text, static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
  add(text, to_string(event.kind));
  add(text, event.subject);
  add(text, event.text);
  text.insert(text.end(), event.previous.begin(), event.previous.end());
  return identity::sha256(text);
}

LedgerEvent append(ChainHead& head, UtcTime at, LedgerEventKind kind, std::string subject,
                   std::string text) {
  LedgerEvent event{.sequence = head.sequence + 1,
                    .at = at,
                    .kind = kind,
                    .subject = std::move(subject),
                    .text = std::move(text),
                    .previous = head.hash};
  event.hash = hash_of(event);
  head = {event.sequence, event.hash};
  return event;
}

ChainReport verify_chain(std::span<const LedgerEvent> events, std::span<const ChainHead> known) {
  const auto is_known = [&](const ChainHead& at) {
    return std::ranges::find(known, at) != known.end();
  };
  const auto is_contradicted = [&](const ChainHead& at) {
    return std::ranges::any_of(known, [&](const ChainHead& each) {
      return each.sequence == at.sequence && each.hash != at.hash;
    });
  };
  ChainHead head;
  bool anchored = true;
  std::uint64_t known_to = 0;
  if (!events.empty() && events.front().sequence > 1) {
    head = {events.front().sequence - 1, events.front().previous};
    anchored = is_known(head);
  }
  if (is_contradicted(head)) return broken(head.sequence + 1, head, "a checkpoint contradicts it");
  for (const auto& event : events) {
    const std::uint64_t next = head.sequence + 1;
    if (event.sequence != next) {
      return broken(next, head, "the next event there is " + number(event.sequence));
    }
    if (const auto fault = fault_of(event, head); !fault.empty()) return broken(next, head, fault);
    head = {event.sequence, event.hash};
    if (is_contradicted(head)) return broken(next, head, "a checkpoint contradicts it");
    if (is_known(head)) known_to = next;
  }
  for (const auto& later : known) {
    if (later.sequence > head.sequence) {
      return broken(head.sequence + 1, head,
                    "it is missing, a checkpoint of event " + number(later.sequence) + " exists");
    }
  }
  return {true, std::nullopt, head, proved(events, anchored, known_to)};
}

}  // namespace smartlic::licensing
