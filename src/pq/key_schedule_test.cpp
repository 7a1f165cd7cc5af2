#include "pq/key_schedule.h"

#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace phantom::pq {
namespace {

// Everything that goes into the keys, with values that differ from one another.
struct Inputs {
    Roles roles;
    ExchangeId exchange;
    OfferBytes offer;
    AnswerBytes answer;
    Hash handshake_hash;
    Key salt;
    SharedSecrets secrets;

    Inputs() {
        SeededRandom random(1);
        random.fill(roles.initiator);
        random.fill(roles.responder);
        random.fill(roles.initiator_static);
        random.fill(roles.responder_static);
        random.fill(exchange);
        random.fill(offer);
        random.fill(answer);
        random.fill(handshake_hash);
        random.fill(salt.bytes());
        random.fill(secrets.ephemeral.bytes());
        random.fill(secrets.initiator_static.bytes());
        random.fill(secrets.responder_static.bytes());
        random.fill(secrets.x25519.bytes());
    }
    [[nodiscard]] DerivedKeys keys() const {
        return derive_keys(roles, {exchange, offer, answer, handshake_hash}, salt, secrets);
    }
};

bool same(const DerivedKeys& a, const DerivedKeys& b) {
    return crypto::equal_constant_time(a.psk.key.view(), b.psk.key.view());
}

TEST(KeySchedule, the_same_inputs_give_the_same_keys) {
    EXPECT_TRUE(same(Inputs().keys(), Inputs().keys()));
    EXPECT_EQ(Inputs().keys().psk.id, Inputs().keys().psk.id);
}

TEST(KeySchedule, every_input_is_bound) {
    const DerivedKeys keys = Inputs().keys();
    const std::vector<std::function<void(Inputs&)>> changes = {
        [](Inputs& in) { in.roles.initiator[31] ^= 1; },
        [](Inputs& in) { in.roles.responder[0] ^= 1; },
        [](Inputs& in) { in.roles.initiator_static[1183] ^= 1; },
        [](Inputs& in) { in.roles.responder_static[0] ^= 1; },
        [](Inputs& in) { std::swap(in.roles.initiator, in.roles.responder); },
        [](Inputs& in) { in.exchange[15] ^= 1; },
        [](Inputs& in) { in.offer[0] ^= 1; },
        [](Inputs& in) { in.offer[kOfferSize - kTagSize - 1] ^= 1; },
        [](Inputs& in) { in.answer[0] ^= 1; },
        [](Inputs& in) { in.answer[kAnswerSize - kTagSize - 1] ^= 1; },
        [](Inputs& in) { in.handshake_hash[0] ^= 1; },
        [](Inputs& in) { in.salt.bytes()[31] ^= 1; },
        [](Inputs& in) { in.secrets.ephemeral.bytes()[0] ^= 1; },
        [](Inputs& in) { in.secrets.initiator_static.bytes()[0] ^= 1; },
        [](Inputs& in) { in.secrets.responder_static.bytes()[0] ^= 1; },
        [](Inputs& in) { in.secrets.x25519.bytes()[31] ^= 1; },
    };
    for (std::size_t index = 0; index < changes.size(); ++index) {
        Inputs changed;
        changes[index](changed);
        const DerivedKeys others = changed.keys();
        EXPECT_FALSE(same(keys, others)) << index;
        EXPECT_NE(keys.psk.id, others.psk.id) << index;
        EXPECT_NE(keys.confirm_initiator, others.confirm_initiator) << index;
        EXPECT_NE(keys.confirm_responder, others.confirm_responder) << index;
        EXPECT_NE(keys.acknowledge, others.acknowledge) << index;
    }
}

TEST(KeySchedule, outputs_differ_from_one_another) {
    const DerivedKeys keys = Inputs().keys();
    EXPECT_NE(keys.confirm_initiator, keys.confirm_responder);
    EXPECT_NE(keys.confirm_initiator, keys.acknowledge);
    EXPECT_NE(keys.confirm_responder, keys.acknowledge);
    EXPECT_FALSE(crypto::equal_constant_time(keys.psk.key.view(), keys.confirm_initiator));
}

}  // namespace
}  // namespace phantom::pq
