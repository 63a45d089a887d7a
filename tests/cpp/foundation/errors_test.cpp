// The one error table (DESIGN 3), against the lists of RULES M8 and M9.

#include "foundation/errors.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "foundation/result.hpp"

namespace smartlic {
namespace {

TEST(Errors, every_code_has_its_row_and_its_own_name) {
  std::set<std::string_view> names;
  for (std::size_t at = 0; at < error_table().size(); ++at) {
    const auto& row = error_table()[at];
    EXPECT_EQ(static_cast<std::size_t>(row.code), at);
    EXPECT_EQ(&describe(row.code), &row);
    EXPECT_EQ(errc_from(row.name), row.code);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.sentence.ends_with('.')) << row.name << ": a sentence";
  }
  EXPECT_EQ(errc_from("no such name"), std::nullopt);
}

TEST(Errors, M9_the_effects_of_the_signed_refusals) {
  std::map<Effect, std::set<std::string_view>> refusals;
  for (const auto& row : error_table()) {
    if (row.effect) refusals[*row.effect].insert(row.name);
  }
  // "version, clock, stale, certificate expired, busy, token errors, payload, internal"; binding
  // and the answers to a renewal (E7, M13) likewise change nothing.
  EXPECT_EQ(refusals[Effect::keep],
            (std::set<std::string_view>{
                "version_unsupported", "clock_off", "stale", "certificate_expired", "busy",
                "token_unknown", "token_invalid", "token_expired", "token_used_up", "token_revoked",
                "payload_invalid", "internal", "binding_wrong", "certificate_superseded",
                "renewal_refused"}));
  EXPECT_EQ(refusals[Effect::drop_authorization],
            (std::set<std::string_view>{"entitlement_denied", "clone_refused"}));
  EXPECT_EQ(refusals[Effect::drop_registration],
            (std::set<std::string_view>{"instance_removed", "certificate_revoked"}));
}

TEST(Errors, M9_no_rung_up_to_the_audience_is_a_signed_refusal) {
  for (const Errc code : {Errc::message_too_large, Errc::message_malformed, Errc::header_refused,
                          Errc::algorithm_refused, Errc::chain_untrusted, Errc::signature_invalid,
                          Errc::audience_wrong}) {
    EXPECT_EQ(describe(code).effect, std::nullopt) << describe(code).name;
    EXPECT_EQ(describe(code).fault, Fault::trust) << describe(code).name;
    EXPECT_FALSE(describe(code).stops.empty()) << describe(code).name;
  }
}

TEST(Errors, M10_only_stale_and_clock_are_retried_at_once) {
  for (const auto& row : error_table()) {
    EXPECT_EQ(row.retry == Retry::at_once, row.code == Errc::stale || row.code == Errc::clock_off)
        << row.name;
  }
}

TEST(Errors, what_is_the_networks_fault_never_reads_as_an_invalid_licence) {
  for (const auto& row : error_table()) {
    if (row.fault != Fault::transport) continue;
    EXPECT_EQ(row.effect, std::nullopt) << row.name;
    EXPECT_EQ(row.sentence.find("invalid"), std::string_view::npos) << row.name;
  }
}

TEST(Errors, the_columns_have_names) {
  EXPECT_EQ(to_string(Fault::storage), "storage");
  EXPECT_EQ(to_string(Retry::at_once), "at_once");
  EXPECT_EQ(to_string(Effect::drop_registration), "drop_registration");
  EXPECT_EQ(to_string(Errc::busy), "busy");
}

TEST(Result, holds_a_value_or_an_error) {
  Result<std::string> good{std::string{"value"}};
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, "value");
  EXPECT_EQ(good->size(), 5U);
  good->push_back('s');
  EXPECT_EQ(std::move(good).value(), "values");

  const Result<std::string> bad{Error{Errc::busy, "try at noon"}};
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), (Error{Errc::busy, "try at noon"}));
  EXPECT_EQ(bad.error().message(), std::string{describe(Errc::busy).sentence} + " (try at noon)");
  EXPECT_EQ((Error{Errc::busy, ""}).message(), describe(Errc::busy).sentence);
}

TEST(Result, of_void_is_success_or_an_error) {
  EXPECT_TRUE(Result<void>{}.ok());
  const Result<void> bad = Error{Errc::locked, ""};
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, Errc::locked);
}

}  // namespace
}  // namespace smartlic
