// What needs no server. Requests are tested with real servers in tests/python/test_http_client.py.
#include <gtest/gtest.h>

#include <string>

#include "io/net/http.hpp"

namespace smartlic::io {
namespace {

Errc refused(HttpOptions options) {
  const auto client = HttpClient::create(std::move(options));
  EXPECT_FALSE(client);
  return client ? Errc::internal : client.error().code;
}

TEST(HttpClient, TimeOutsAreBounded) {
  for (const Ms bad : {Ms{0}, Ms{-1}, Ms{std::chrono::hours{24}} + Ms{1}}) {
    HttpOptions connect, total;
    connect.connect_timeout = bad;
    total.total_timeout = bad;
    EXPECT_EQ(refused(connect), Errc::invalid_argument);
    EXPECT_EQ(refused(total), Errc::invalid_argument);
  }
  HttpOptions longest;
  longest.total_timeout = std::chrono::hours{24};
  EXPECT_TRUE(HttpClient::create(longest));
}

TEST(HttpClient, ProxiesAreHttpOnly) {
  for (const auto* url : {"", "https://proxy:3128", "socks5://proxy:1080", "ftp://proxy"}) {
    HttpOptions options;
    options.proxy = HttpProxy{url, "", ""};
    EXPECT_EQ(refused(options), Errc::invalid_argument) << url;
  }
  for (const auto* url : {"http://proxy:3128", "proxy:3128", "10.0.0.1"}) {
    HttpOptions options;
    options.proxy = HttpProxy{url, "", ""};
    EXPECT_TRUE(HttpClient::create(options)) << url;
  }
}

TEST(HttpClient, RootsArePemCertificatesOrNothing) {
  constexpr auto broken = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
  for (const auto* pem : {"x", "-----BEGIN CERTIFICATE-----\n", broken}) {
    HttpOptions pinned, extra;
    pinned.trust.pinned_pem = pem;
    extra.trust.extra_pem = pem;
    EXPECT_EQ(refused(pinned), Errc::invalid_argument) << pem;
    EXPECT_EQ(refused(extra), Errc::invalid_argument) << pem;
  }
}

TEST(HttpClient, OtherUrlsThanHttpAreInvalid) {
  const auto client = HttpClient::create({});
  ASSERT_TRUE(client);
  for (const auto* url :
       {"", "host/path", "ftp://host/", "file:///etc/passwd", "https://", "gopher://h"}) {
    const auto answer = client->get(url, UtcTime{});
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, Errc::invalid_argument) << url;
    EXPECT_FALSE(client->post(url, "text/plain", {}, UtcTime{}));
  }
}

}  // namespace
}  // namespace smartlic::io
