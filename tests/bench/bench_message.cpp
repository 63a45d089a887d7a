// The MMI round trip: seal a request, verify it, seal the answer, verify it, JSON included, chains
// verified once and cached; and its steps one by one. Goal: 85 % of the rate that the four bare
// operations allow, which run.py takes from `openssl speed` in the same run.

#include <benchmark/benchmark.h>

#include "message/answer_ladder.hpp"
#include "message/envelope.hpp"
#include "message/request_ladder.hpp"
#include "message/sealing.hpp"
#include "message/world.hpp"

namespace {

using namespace smartlic;
using identity::Algorithm;
using message::test::must;
using message::test::World;
using message::test::world;

/// One device and its manager, each with the chains that it has verified.
struct Exchange {
  explicit Exchange(Algorithm algorithm) : w{world(algorithm)} {}

  const World& w;
  message::Request request = w.request(message::Kind::authorize);
  identity::ChainCache of_manager;
  identity::ChainCache of_device;

  message::SealedRequest ask() const { return w.seal(request); }
  message::OpenedRequest open(const Bytes& sealed) {
    auto opened = message::open_request(sealed, w.request_pins(), of_manager);
    auto& out = std::get<message::OpenedRequest>(opened);
    if (!message::finish_request(out, w.now, Ms{0})) std::abort();
    return std::move(out);
  }
  Bytes answer(const message::OpenedRequest& opened) const {
    return w.seal(w.grant(*opened.request, opened.request_hash));
  }
  message::VerifiedAnswer accept(const Bytes& sealed, const message::OpenRequest& open) {
    return must(message::verify_answer(sealed, w.answer_pins(), {&open, 1}, of_device));
  }
};

void round_trip(benchmark::State& state, Algorithm algorithm) {
  Exchange exchange{algorithm};
  for (auto _ : state) {
    const auto asked = exchange.ask();
    const auto answer = exchange.answer(exchange.open(asked.bytes));
    benchmark::DoNotOptimize(exchange.accept(answer, asked.open));
  }
}
BENCHMARK_CAPTURE(round_trip, ES256, Algorithm::es256);
BENCHMARK_CAPTURE(round_trip, RS256, Algorithm::rs256);

void seal_request(benchmark::State& state) {
  const Exchange exchange{Algorithm::es256};
  for (auto _ : state) benchmark::DoNotOptimize(exchange.ask());
}
BENCHMARK(seal_request);

void open_request(benchmark::State& state) {
  Exchange exchange{Algorithm::es256};
  const auto asked = exchange.ask();
  for (auto _ : state) benchmark::DoNotOptimize(exchange.open(asked.bytes));
}
BENCHMARK(open_request);

void seal_answer(benchmark::State& state) {
  Exchange exchange{Algorithm::es256};
  const auto opened = exchange.open(exchange.ask().bytes);
  for (auto _ : state) benchmark::DoNotOptimize(exchange.answer(opened));
}
BENCHMARK(seal_answer);

void verify_answer(benchmark::State& state) {
  Exchange exchange{Algorithm::es256};
  const auto asked = exchange.ask();
  const auto answer = exchange.answer(exchange.open(asked.bytes));
  for (auto _ : state) benchmark::DoNotOptimize(exchange.accept(answer, asked.open));
}
BENCHMARK(verify_answer);

void parse_envelope(benchmark::State& state) {
  const auto asked = Exchange{Algorithm::es256}.ask();
  for (auto _ : state) benchmark::DoNotOptimize(message::parse_envelope(asked.bytes));
}
BENCHMARK(parse_envelope);

/// The bare operations through our own classes, on data of a request's size.
void bare_sign(benchmark::State& state) {
  const World& w = world();
  const Bytes data(3072);
  for (auto _ : state) benchmark::DoNotOptimize(w.device_key.sign(data));
}
BENCHMARK(bare_sign);

void bare_verify(benchmark::State& state) {
  const World& w = world();
  const Bytes data(3072);
  const Bytes signature = must(w.device_key.sign(data));
  for (auto _ : state) {
    benchmark::DoNotOptimize(w.device_key.public_key().verify(data, signature));
  }
}
BENCHMARK(bare_verify);

}  // namespace
