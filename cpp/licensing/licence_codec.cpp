#include "licensing/licence_codec.hpp"

#include <limits>

namespace smartlic::licensing {
namespace {

using message::Json;
using message::PayloadReader;

constexpr std::int64_t last_kind = static_cast<std::int64_t>(rules::EventKind::deregistered);
constexpr std::int64_t last_cause = static_cast<std::int64_t>(rules::Cause::none);
constexpr std::int64_t last_mode = static_cast<std::int64_t>(Mode::AuthorizationExpired);
constexpr std::int64_t last_request = static_cast<std::int64_t>(rules::RequestKind::deregistration);
constexpr std::int64_t last_deadline =
    static_cast<std::int64_t>(rules::Deadline::evaluation_warning);

template <class Enum>
Json number(Enum value) {
  return Json{static_cast<std::int64_t>(value)};
}

bool flag(const Json& json, std::string_view member, PayloadReader& reader) {
  const bool* value = json.boolean(member);
  if (value == nullptr) reader.refuse(member, "is not a boolean");
  return value != nullptr && *value;
}

Json encode_due(const rules::Due& due) {
  Json::Object out{{"failures", Json{std::int64_t{due.failures}}},
                   {"stale_answered", Json{due.stale_answered}},
                   {"clock_answered", Json{due.clock_answered}}};
  if (due.at != never) out.emplace_back("at", to_json(due.at));
  return Json{std::move(out)};
}

rules::Due decode_due(const Json& json, PayloadReader& whole) {
  PayloadReader reader{json};
  rules::Due due;
  due.failures = static_cast<std::uint8_t>(reader.integer("failures", 0, 255));
  due.stale_answered = flag(json, "stale_answered", reader);
  due.clock_answered = flag(json, "clock_answered", reader);
  if (reader.has("at")) due.at = reader.time("at");
  if (const auto fault = reader.fault()) whole.refuse("due", fault->detail);
  return due;
}

Json encode_slot(const rules::OpenSlot& slot) {
  Json::Object out{{"waiting", Json{slot.waiting}}};
  if (slot.kind) out.emplace_back("kind", number(*slot.kind));
  return Json{std::move(out)};
}

rules::OpenSlot decode_slot(const Json& json, PayloadReader& whole) {
  PayloadReader reader{json};
  rules::OpenSlot slot{.kind = {}, .waiting = flag(json, "waiting", reader)};
  if (reader.has("kind"))
    slot.kind = static_cast<rules::RequestKind>(reader.integer("kind", 0, last_request));
  if (const auto fault = reader.fault()) whole.refuse("slots", fault->detail);
  return slot;
}

template <class Item, std::size_t count>
void decode_each(const Json& json, std::string_view member, Item (&into)[count],
                 PayloadReader& reader, Item (*decode)(const Json&, PayloadReader&)) {
  const auto* items = json.array(member);
  if (items == nullptr || items->size() != count)
    return reader.refuse(member, "has not the right length");
  for (std::size_t at = 0; at < count; ++at) into[at] = decode((*items)[at], reader);
}

}  // namespace

Json encode(const rules::LicenceState& state) {
  Json::Array dues;
  for (const auto& each : state.due) dues.push_back(encode_due(each));
  Json::Array slots;
  for (const auto& each : state.slots) slots.push_back(encode_slot(each));
  return Json{Json::Object{
      {"enabled", Json{state.facts.enabled}},
      {"evaluation_used", Json{std::int64_t{state.facts.evaluation_used.count()}}},
      {"mode", Json{to_string(state.mode)}},
      {"done_at", to_json(state.done.at)},
      {"done_which", number(state.done.which)},
      {"due", Json{std::move(dues)}},
      {"slots", Json{std::move(slots)}},
      {"requesting", Json{state.requesting}},
      {"request_changed", Json{state.request_changed}},
      {"communication_lost", Json{state.communication_lost}},
      {"jitter", Json{static_cast<std::int64_t>(state.jitter.state())}},
  }};
}

rules::LicenceState decode_licence_state(const Json& json, PayloadReader& whole) {
  PayloadReader reader{json};
  rules::LicenceState state;
  state.facts.enabled = flag(json, "enabled", reader);
  state.facts.evaluation_used = reader.milliseconds("evaluation_used");
  if (const auto mode = mode_from(reader.text("mode"))) {
    state.mode = *mode;
  } else {
    reader.refuse("mode", "is no enforcement mode");
  }
  state.done = {reader.time("done_at"),
                static_cast<rules::Deadline>(reader.integer("done_which", 0, last_deadline))};
  decode_each(json, "due", state.due, reader, decode_due);
  decode_each(json, "slots", state.slots, reader, decode_slot);
  state.requesting = flag(json, "requesting", reader);
  state.request_changed = flag(json, "request_changed", reader);
  state.communication_lost = flag(json, "communication_lost", reader);
  state.jitter = Jitter{
      static_cast<std::uint64_t>(reader.integer("jitter", std::numeric_limits<std::int64_t>::min(),
                                                std::numeric_limits<std::int64_t>::max()))};
  if (const auto fault = reader.fault()) whole.refuse("licence", fault->detail);
  return state;
}

Json encode(const rules::Event& event) {
  Json::Object out{{"kind", number(event.kind)},     {"at", to_json(event.at)},
                   {"before", number(event.before)}, {"after", number(event.after)},
                   {"cause", number(event.cause)},   {"from", to_json(event.from)},
                   {"to", to_json(event.to)}};
  if (event.code) out.emplace_back("code", Json{to_string(*event.code)});
  return Json{std::move(out)};
}

rules::Event decode_event(const Json& json, PayloadReader& whole) {
  PayloadReader reader{json};
  rules::Event event;
  event.kind = static_cast<rules::EventKind>(reader.integer("kind", 0, last_kind));
  event.at = reader.time("at");
  event.before = static_cast<Mode>(reader.integer("before", 0, last_mode));
  event.after = static_cast<Mode>(reader.integer("after", 0, last_mode));
  event.cause = static_cast<rules::Cause>(reader.integer("cause", 0, last_cause));
  event.from = reader.time("from");
  event.to = reader.time("to");
  if (reader.has("code")) event.code = errc_from(reader.text("code"));
  if (const auto fault = reader.fault()) whole.refuse("recent", fault->detail);
  return event;
}

}  // namespace smartlic::licensing
