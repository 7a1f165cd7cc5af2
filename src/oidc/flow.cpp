#include "oidc/flow.h"

#include <array>

#include <fmt/format.h>

#include "base/base64url.h"
#include "crypto/sha256.h"

namespace phantom::oidc {

namespace {

constexpr std::size_t kSecretSize = 32;

std::string random_text(Random& random) {
    std::array<std::uint8_t, kSecretSize> bytes{};
    random.fill(bytes);
    return to_base64url(bytes);
}

std::string hash_text(std::string_view text) {
    return to_base64url(
        crypto::sha256({{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}})
    );
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char each : text) {
        const bool is_plain = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                              (each >= '0' && each <= '9') || each == '-' || each == '.' ||
                              each == '_' || each == '~';
        out += is_plain ? std::string(1, each)
                        : fmt::format("%{:02X}", static_cast<unsigned char>(each));
    }
    return out;
}

Result<Flows::Begun> Flows::begin(
    std::string_view authorization_endpoint, const ClientPlace& client, Instant now, Random& random
) {
    std::erase_if(flows_, [&](const auto& each) {
        return now - each.second.begun > kFlowPatience;
    });
    if (flows_.size() >= kFlowsUnderWayMax) {
        return fail(OidcError::kTooManyFlows);
    }
    std::string cookie = random_text(random);
    // Who sees the state (the issuer, its logs) does not know the cookie.
    const std::string state = hash_text(cookie);
    Flow& flow = flows_[state];
    flow = {.nonce = random_text(random), .verifier = random_text(random), .begun = now};
    const char mark = authorization_endpoint.find('?') == std::string_view::npos ? '?' : '&';
    return Begun{
        .cookie = std::move(cookie),
        .place = fmt::format(
            "{}{}response_type=code&client_id={}&redirect_uri={}&scope={}&state={}&nonce={}"
            "&code_challenge={}&code_challenge_method=S256",
            authorization_endpoint, mark, percent_encoded(client.client_id),
            percent_encoded(client.redirect_uri), percent_encoded(client.scope), state, flow.nonce,
            hash_text(flow.verifier)
        ),
    };
}

Result<Flow> Flows::end(std::string_view state, std::string_view cookie, Instant now) {
    const auto found = flows_.find(state);
    if (found == flows_.end() || hash_text(cookie) != state) {
        return fail(OidcError::kFlowUnknown);
    }
    Flow flow = std::move(found->second);
    flows_.erase(found);
    if (now - flow.begun > kFlowPatience) {
        return fail(OidcError::kFlowUnknown);
    }
    return flow;
}

}  // namespace phantom::oidc
