// RULES E, every mode x input x deadline cell, against golden_enforcement.inc; and each row of E1,
// flipped, against it again.

#include <cstdio>
#include <functional>
#include <map>
#include <sstream>
#include <string>

#include "device.hpp"

namespace smartlic::rules {
namespace {

constexpr const char* golden =
#include "golden_enforcement.inc"
    ;

constexpr UtcTime zero = day(400);  // the instant of the deadline
constexpr UtcTime ago(int days) { return zero - days * one_day; }
constexpr UtcTime opening = zero - std::chrono::hours{2};    // when requests are opened
constexpr UtcTime disabling = zero - std::chrono::hours{1};  // after that

/// How a device comes into a situation, up to some time before `opening`.
struct Situation {
  std::function<void(Device&)> build;
  bool disabled_then = false;
};

void enabled_registered_granted(Device& device, int enabled, int registered, UtcTime not_after,
                                int granted, bool out) {
  device.enable(ago(enabled));
  device.registered(ago(registered), not_after);
  device.granted(ago(granted), out);
}

const std::map<std::string, Situation> situations{
    {"never enabled [no deadline]", {[](Device&) {}}},
    {"Eval, unidentified [evaluation]", {[](Device& d) { d.enable(ago(90)); }}},
    {"Eval, registered [evaluation]", {[](Device& d) {
       d.enable(ago(90));
       d.registered(ago(10), ago(-350));
     }}},
    {"Eval, registered [certificate]", {[](Device& d) {
       d.enable(ago(60));
       d.registered(ago(50), zero);
     }}},
    {"InCompliance, evaluation left [authorization, own period]",
     {[](Device& d) { enabled_registered_granted(d, 100, 95, ago(-265), 90, false); }}},
    {"OutOfCompliance, evaluation used up [authorization, own period]",
     {[](Device& d) { enabled_registered_granted(d, 200, 95, ago(-265), 90, true); }}},
    {"InCompliance, evaluation left [authorization, bound]",
     {[](Device& d) { enabled_registered_granted(d, 60, 50, zero, 40, false); }}},
    {"OutOfCompliance, evaluation used up [authorization, bound]",
     {[](Device& d) { enabled_registered_granted(d, 200, 50, zero, 40, true); }}},
    {"InCompliance, evaluation left [authorization, own period and certificate tie]",
     {[](Device& d) { enabled_registered_granted(d, 100, 95, zero, 90, false); }}},
    {"InCompliance, renewed in time [certificate of before]", {[](Device& d) {
       enabled_registered_granted(d, 60, 50, zero, 40, false);
       d.renewed(ago(10), ago(-350));
     }}},
    {"Eval, bound passed, renewed late [authorization, own period]", {[](Device& d) {
       enabled_registered_granted(d, 100, 95, ago(10), 90, false);
       d.renewed(ago(5), ago(-355));
     }}},
    {"Eval, bound passed, out of compliance before [evaluation]",
     {[](Device& d) { enabled_registered_granted(d, 150, 140, ago(50), 110, true); }}},
    {"AuthorizationExpired, evaluation left [certificate]",
     {[](Device& d) { enabled_registered_granted(d, 160, 150, zero, 140, false); }}},
    {"EvalExpired, unidentified [no deadline]", {[](Device& d) { d.enable(ago(100)); }}},
    {"EvalExpired, registered [certificate]", {[](Device& d) {
       d.enable(ago(100));
       d.registered(ago(20), zero);
     }}},
    {"Disabled, OutOfCompliance before [authorization, own period]",
     {[](Device& d) { enabled_registered_granted(d, 100, 95, ago(-265), 90, true); }, true}},
    {"Disabled, InCompliance before, evaluation left [authorization, bound]",
     {[](Device& d) { enabled_registered_granted(d, 60, 50, zero, 40, false); }, true}},
    {"Disabled, one tick of evaluation left [no deadline: the evaluation pauses]",
     {[](Device& d) { d.enable(disabling - 90 * one_day + tick); }, true}},
};

/// One column: what was opened before, and what comes in at the instant of the cell.
struct Input {
  std::function<void(Device&)> before;
  std::function<void(Device&, UtcTime)> act;
};

void open_authorization(Device& d) {
  if (d.licence.registered()) d.open(RequestKind::authorization, opening);
}
void open_renewal(Device& d) {
  if (d.licence.state().certificate) d.open(RequestKind::renewal, opening);
}
void open_deregistration(Device& d) {
  const auto done = d.licence.deregister(opening, d.events);
  if (done && !*done) d.open(RequestKind::deregistration, opening);
}
void nothing_before(Device&) {}

Input command(auto method) {
  return {nothing_before,
          [method](Device& d, UtcTime at) { (void)(d.licence.*method)(at, d.events); }};
}
Input grant(bool out, Ms age = Ms{0}) {
  return {
      open_authorization, [out, age](Device& d, UtcTime at) {
        (void)d.licence.handle_granted(Slot::online, {at - age, out, 30 * one_day}, at, d.events);
      }};
}
Input refusal(void (*before)(Device&), Errc code) {
  return {before, [code](Device& d, UtcTime at) {
            (void)d.licence.handle_refused(Slot::online, code, {}, at, d.events);
          }};
}
Input correction(Ms by) {
  return {nothing_before,
          [by](Device& d, UtcTime at) { d.licence.correct(at, at + by, d.events); }};
}

const std::map<std::string, Input> inputs{
    {"nothing", command(&Licence::advance)},
    {"enable", command(&Licence::enable)},
    {"disable", command(&Licence::disable)},
    {"register", command(&Licence::register_)},
    {"request", command(&Licence::request)},
    {"authorize", command(&Licence::authorize)},
    {"renew", command(&Licence::renew)},
    {"deregister", command(&Licence::deregister)},
    {"grant-in", grant(false)},
    {"grant-out", grant(true)},
    {"grant-over", grant(true, 90 * one_day)},
    {"busy", refusal(open_authorization, Errc::busy)},
    {"denied", refusal(open_authorization, Errc::entitlement_denied)},
    {"removed", refusal(open_authorization, Errc::instance_removed)},
    {"no-answer",
     {open_authorization,
      [](Device& d, UtcTime at) {
        d.licence.handle_no_answer(Errc::unreachable, {}, at, d.events);
      }}},
    {"clone", refusal(open_renewal, Errc::clone_refused)},
    {"revoked", refusal(open_renewal, Errc::certificate_revoked)},
    {"reg'd",
     {nothing_before,
      [](Device& d, UtcTime at) {
        if (!d.licence.register_(at, d.events)) return;
        d.open(RequestKind::registration, at);
        (void)d.licence.handle_registered(Slot::online, Device::certificate(at, at + 360 * one_day),
                                          at, d.events);
      }}},
    {"renewed",
     {open_renewal,
      [](Device& d, UtcTime at) {
        (void)d.licence.handle_renewed(Slot::online, Device::certificate(at, at + 360 * one_day),
                                       at, d.events);
      }}},
    {"dereg'd",
     {open_deregistration,
      [](Device& d, UtcTime at) {
        (void)d.licence.handle_deregistered(Slot::online, at, d.events);
      }}},
    {"back", correction(-2 * tick)},
    {"forth", correction(2 * tick)},
};

char letter(Mode mode) {
  constexpr std::string_view letters{"DEIOXA"};
  return letters[static_cast<std::size_t>(mode)];
}

Mode outcome(const Situation& situation, const Input& input, Ms offset,
             const EnforcementTable& table) {
  Device device{day(0), table};
  situation.build(device);
  device.licence.advance(opening, device.events);
  input.before(device);
  if (situation.disabled_then) device.disable(disabling);
  input.act(device, zero + offset);
  return device.licence.mode();
}

struct Cell {
  std::string situation, input;
  int offset;
  char expected;
};

std::vector<Cell> golden_cells() {
  std::vector<Cell> cells;
  std::vector<std::string> columns;
  std::string situation;
  std::istringstream lines{golden};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    std::istringstream words{line};
    if (columns.empty()) {
      for (std::string word; words >> word;) columns.push_back(word);
    } else if (line.front() != ' ') {
      situation = line;
    } else {
      int offset = 0;
      char mode = 0;
      words >> offset;
      for (const auto& column : columns) {
        words >> mode;
        cells.push_back({situation, column, offset, words ? mode : '?'});
      }
    }
  }
  return cells;
}

/// The cells in which a table of modes disagrees with the golden one.
std::vector<std::string> differences(const EnforcementTable& table) {
  std::vector<std::string> out;
  for (const auto& cell : golden_cells()) {
    const Mode mode =
        outcome(situations.at(cell.situation), inputs.at(cell.input), cell.offset * tick, table);
    if (letter(mode) == cell.expected) continue;
    out.push_back(cell.situation + ", " + cell.input + " at " + std::to_string(cell.offset) +
                  " ms: " + std::string{to_string(mode)} + " instead of " + cell.expected);
  }
  return out;
}

TEST(GoldenEnforcement, E_every_mode_input_and_deadline) {
  for (const auto& difference : differences(enforcement_table)) ADD_FAILURE() << difference;
}

TEST(GoldenEnforcement, holds_every_situation_and_input_at_all_three_ticks) {
  EXPECT_EQ(golden_cells().size(), situations.size() * inputs.size() * 3);
  std::map<char, int> modes;
  for (const auto& cell : golden_cells()) ++modes[cell.expected];
  EXPECT_EQ(modes.size(), all_modes.size());
}

TEST(GoldenEnforcement, E1_every_flipped_row_is_noticed) {
  int rows = 0;
  int flips = 0;
  for (std::size_t row = 0; row < enforcement_table.size(); ++row) {
    const auto noticed = [&, row](auto flip) {
      EnforcementTable flipped = enforcement_table;
      flip(flipped);
      ++flips;
      EXPECT_FALSE(differences(flipped).empty())
          << "row " << row + 1 << " (" << to_string(enforcement_table[row].when) << ")";
    };
    for (const Mode wrong : all_modes) {
      const auto& right = enforcement_table[row];
      if (wrong != right.mode) noticed([&](auto& table) { table[row].mode = wrong; });
      if (wrong != right.mode_if_out) noticed([&](auto& table) { table[row].mode_if_out = wrong; });
    }
    // Left out: the next row stands in its place. (Without the last one, mode_at says EvalExpired
    // by itself.)
    if (row + 1 < enforcement_table.size()) {
      noticed([&](auto& table) { table[row] = table[row + 1]; });
    }
    ++rows;
  }
  std::printf("E1: %d rows flipped in %d ways, each noticed by the golden table (%zu cells)\n",
              rows, flips, golden_cells().size());
  EXPECT_EQ(rows, 5);
}

}  // namespace
}  // namespace smartlic::rules
