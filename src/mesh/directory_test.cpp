#include "mesh/directory.h"

#include <gtest/gtest.h>

#include "identity/identity_fixture.h"

namespace phantom::mesh {
namespace {

using identity::IdentityError;
using identity::kDay;
using identity::kNow;
using identity::MemberRecord;
using identity::TestNode;
using identity::TestRoot;
using enum crypto::SignatureAlgorithm;

const TestRoot& root() {
    static const TestRoot made(100, kMlDsa44Ed25519);
    return made;
}
const TestNode& alpha() {
    static const TestNode made(1, kMlDsa44Ed25519);
    return made;
}
const TestNode& beta() {
    static const TestNode made(2, kMlDsa44Ed25519);
    return made;
}

MemberRecord member(
    const TestNode& node, std::string_view name, std::uint64_t sequence = 42,
    std::string_view overlay_v4 = "100.64.0.7"
) {
    MemberRecord made = root().member(node);
    made.certificate.name = made.descriptor.name = identity::label(name);
    made.certificate.overlay_v4 = made.descriptor.overlay_v4 =
        wire::Address::parse(overlay_v4).value();
    made.descriptor.sequence = sequence;
    PM_ASSERT(made.certificate.issue(root().key).has_value());
    PM_ASSERT(made.descriptor.sign(node.keys.signing()).has_value());
    return made;
}

void expect_error(const Result<bool>& result, IdentityError code) {
    ASSERT_FALSE(result.has_value());
    EXPECT_TRUE(result.error().is(code)) << result.error().message();
}

class DirectoryTest : public testing::Test {
  protected:
    Directory directory_{root().key.verify_key()};
};

TEST_F(DirectoryTest, newest_sequence_wins_and_older_is_no_news) {
    EXPECT_TRUE(directory_.add(member(alpha(), "alpha", 5), kNow).value());
    EXPECT_FALSE(directory_.add(member(alpha(), "alpha", 5), kNow).value()) << "the same";
    EXPECT_FALSE(directory_.add(member(alpha(), "alpha", 4), kNow).value()) << "older";
    EXPECT_EQ(directory_.find(alpha().keys.first_id())->descriptor.sequence, 5U);
    EXPECT_TRUE(directory_.add(member(alpha(), "alpha", 6), kNow).value());
    EXPECT_EQ(directory_.find(alpha().keys.first_id())->descriptor.sequence, 6U);
    EXPECT_EQ(directory_.members().size(), 1U);
}

TEST_F(DirectoryTest, newer_word_that_does_not_verify_changes_nothing) {
    const MemberRecord good = member(alpha(), "alpha", 5);
    ASSERT_TRUE(directory_.add(good, kNow).value());
    MemberRecord forged = good;
    forged.descriptor.sequence = 6;
    expect_error(directory_.add(forged, kNow), IdentityError::kBadSignature);
    EXPECT_EQ(*directory_.find(alpha().keys.first_id()), good);
}

TEST_F(DirectoryTest, member_of_another_mesh_is_refused) {
    const TestRoot other(101, kMlDsa44Ed25519);
    expect_error(directory_.add(other.member(alpha()), kNow), IdentityError::kWrongMesh);
    expect_error(
        directory_.revoke(other.revocation(alpha().keys.first_id()), kNow),
        IdentityError::kWrongMesh
    );
    EXPECT_TRUE(directory_.members().empty());
    EXPECT_TRUE(directory_.revocations().entries().empty());
}

TEST_F(DirectoryTest, finds_by_id_key_name_and_address) {
    ASSERT_TRUE(directory_.add(member(alpha(), "alpha", 1, "100.64.0.1"), kNow).value());
    ASSERT_TRUE(directory_.add(member(beta(), "beta", 1, "100.64.0.2"), kNow).value());
    const MemberRecord* found = directory_.find(alpha().keys.first_id());
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(directory_.find(alpha().keys.public_keys().wireguard), found);
    EXPECT_EQ(directory_.find_name("alpha"), found);
    EXPECT_EQ(directory_.find_name("beta"), directory_.find(beta().keys.first_id()));
    EXPECT_EQ(directory_.find_name("alph"), nullptr);
    EXPECT_EQ(directory_.find(crypto::PublicKey{}), nullptr);
    EXPECT_EQ(directory_.find(identity::NodeId{}), nullptr);
    const auto owner = [&](std::string_view text) {
        const auto* holder = directory_.owner_of_v4(wire::Address::parse(text).value());
        return holder == nullptr ? identity::NodeId{} : *holder;
    };
    EXPECT_EQ(owner("100.64.0.2"), beta().keys.first_id());
    EXPECT_EQ(owner("100.64.0.3"), identity::NodeId{});
}

TEST_F(DirectoryTest, revoked_member_is_out_and_stays_out) {
    ASSERT_TRUE(directory_.add(member(alpha(), "alpha"), kNow).value());
    const auto revocation = root().revocation(alpha().keys.first_id());
    EXPECT_TRUE(directory_.revoke(revocation, kNow).value());
    EXPECT_FALSE(directory_.revoke(revocation, kNow).value()) << "no news";
    EXPECT_EQ(directory_.find(alpha().keys.first_id()), nullptr);
    EXPECT_EQ(directory_.find(alpha().keys.public_keys().wireguard), nullptr);
    EXPECT_EQ(directory_.find_name("alpha"), nullptr);
    for (const std::uint64_t sequence : {42U, 43U}) {
        expect_error(
            directory_.add(member(alpha(), "alpha", sequence), kNow), IdentityError::kRevoked
        );
    }
    EXPECT_TRUE(directory_.members().empty());
}

TEST_F(DirectoryTest, revocation_may_come_before_its_member) {
    ASSERT_TRUE(directory_.revoke(root().revocation(alpha().keys.first_id()), kNow).value());
    expect_error(directory_.add(member(alpha(), "alpha"), kNow), IdentityError::kRevoked);
}

TEST_F(DirectoryTest, revocation_that_does_not_verify_puts_nobody_out) {
    ASSERT_TRUE(directory_.add(member(alpha(), "alpha"), kNow).value());
    auto forged = root().revocation(beta().keys.first_id());
    forged.node = alpha().keys.first_id();
    expect_error(directory_.revoke(forged, kNow), IdentityError::kBadSignature);
    EXPECT_NE(directory_.find(alpha().keys.first_id()), nullptr);
}

TEST_F(DirectoryTest, member_whose_own_word_is_over_is_dormant) {
    const MemberRecord lasting = member(alpha(), "alpha");
    MemberRecord brief = member(beta(), "beta", 42, "100.64.0.8");
    brief.descriptor.expiry = kNow.plus(kDay);
    ASSERT_TRUE(brief.descriptor.sign(beta().keys.signing()).has_value());
    ASSERT_TRUE(directory_.add(lasting, kNow).value());
    ASSERT_TRUE(directory_.add(brief, kNow).value());

    EXPECT_TRUE(directory_.expire({kNow.plus(kDay).s - 1}).dormant.empty());
    EXPECT_EQ(directory_.expire(kNow.plus(kDay)).dormant, std::vector{beta().keys.first_id()});
    EXPECT_EQ(directory_.find(beta().keys.first_id()), nullptr);
    EXPECT_EQ(*directory_.find_known(beta().keys.first_id()), brief);
    EXPECT_NE(directory_.owner_of(beta().keys.public_keys().wireguard), nullptr);
    EXPECT_EQ(directory_.find(beta().keys.public_keys().wireguard), nullptr);
    EXPECT_NE(directory_.find(alpha().keys.first_id()), nullptr);
    EXPECT_FALSE(directory_.add(brief, kNow.plus(kDay)).value()) << "it says nothing new";

    MemberRecord back = brief;
    back.descriptor.sequence += 1;
    back.descriptor.issued = kNow.plus(kDay);
    back.descriptor.expiry = kNow.plus(2 * kDay);
    ASSERT_TRUE(back.descriptor.sign(beta().keys.signing()).has_value());
    EXPECT_TRUE(directory_.add(back, kNow.plus(kDay)).value());
    EXPECT_EQ(*directory_.find(beta().keys.first_id()), back);
    EXPECT_TRUE(directory_.dormant().empty());
}

TEST_F(DirectoryTest, dormant_member_is_gone_with_its_certificate) {
    MemberRecord brief = member(beta(), "beta", 42, "100.64.0.8");
    ASSERT_TRUE(directory_.add_dormant(brief, kNow.plus(30 * kDay)).has_value());
    EXPECT_EQ(directory_.find(beta().keys.first_id()), nullptr);
    EXPECT_TRUE(directory_.is_dormant(beta().keys.first_id()));
    EXPECT_TRUE(directory_.expire({brief.certificate.expiry.s - 1}).gone.empty());
    EXPECT_EQ(
        directory_.expire(brief.certificate.expiry).gone,
        (std::vector<Directory::Ended>{{beta().keys.first_id(), beta().keys.public_keys().wireguard}
        })
    );
    EXPECT_EQ(directory_.find_known(beta().keys.first_id()), nullptr);
    EXPECT_EQ(directory_.owner_of(beta().keys.public_keys().wireguard), nullptr);
    const Status late = directory_.add_dormant(brief, brief.certificate.expiry);
    ASSERT_FALSE(late.has_value());
    EXPECT_TRUE(late.error().is(IdentityError::kExpired));
}

TEST_F(DirectoryTest, what_does_not_verify_is_not_even_dormant) {
    MemberRecord forged = member(beta(), "beta", 42, "100.64.0.8");
    forged.descriptor.sequence += 1;
    const Status unsigned_word = directory_.add_dormant(forged, kNow.plus(30 * kDay));
    ASSERT_FALSE(unsigned_word.has_value());
    EXPECT_TRUE(unsigned_word.error().is(IdentityError::kBadSignature));
    const MemberRecord revoked = member(alpha(), "alpha");
    ASSERT_TRUE(directory_.revoke(root().revocation(alpha().keys.first_id()), kNow).value());
    const Status put_out = directory_.add_dormant(revoked, kNow.plus(30 * kDay));
    ASSERT_FALSE(put_out.has_value());
    EXPECT_TRUE(put_out.error().is(IdentityError::kRevoked));
}

TEST_F(DirectoryTest, certificate_ends_a_member_as_well) {
    MemberRecord brief = member(alpha(), "alpha");
    brief.certificate.expiry = kNow.plus(kDay);
    ASSERT_TRUE(brief.certificate.issue(root().key).has_value());
    ASSERT_TRUE(directory_.add(brief, kNow).value());
    EXPECT_EQ(
        directory_.expire(kNow.plus(kDay)).gone,
        (std::vector<Directory::Ended>{
            {alpha().keys.first_id(), alpha().keys.public_keys().wireguard}
        })
    );
}

TEST_F(DirectoryTest, revocation_is_forgotten_when_it_may_be) {
    const auto revocation = root().revocation(alpha().keys.first_id());
    ASSERT_TRUE(directory_.revoke(revocation, kNow).value());
    (void)directory_.expire({revocation.keep_until.s - 1});
    EXPECT_TRUE(directory_.revocations().contains(alpha().keys.first_id()));
    (void)directory_.expire(revocation.keep_until);
    EXPECT_FALSE(directory_.revocations().contains(alpha().keys.first_id()));
}

// A descriptor proves its signing key, not its WireGuard key: that is whoever's it was first.
TEST_F(DirectoryTest, wireguard_key_of_another_member_is_refused) {
    const MemberRecord first = member(alpha(), "alpha");
    ASSERT_TRUE(directory_.add(first, kNow).value());
    MemberRecord thief = member(beta(), "beta", 99, "100.64.0.8");
    thief.descriptor.keys.wireguard = first.descriptor.keys.wireguard;
    thief.certificate.keys = thief.descriptor.keys.hash();
    ASSERT_TRUE(thief.certificate.issue(root().key).has_value());
    ASSERT_TRUE(thief.descriptor.sign(beta().keys.signing()).has_value());
    expect_error(directory_.add(thief, kNow), IdentityError::kContradiction);
    EXPECT_EQ(directory_.find(first.descriptor.keys.wireguard)->descriptor, first.descriptor);
}

// Two members to whom the root gave one address; the first is the older, by `keys_since` or else by id.
std::pair<MemberRecord, MemberRecord> two_of_an_address(std::uint64_t apart_s) {
    MemberRecord older = member(alpha(), "alpha");
    MemberRecord younger = member(beta(), "beta");
    if (apart_s == 0) {
        if (younger.certificate.node < older.certificate.node) {
            std::swap(older, younger);
        }
        return {older, younger};
    }
    older.certificate.keys_since.s -= apart_s;
    PM_ASSERT(older.certificate.issue(root().key).has_value());
    return {older, younger};
}

void expect_the_older(const Directory& directory, const MemberRecord& older) {
    EXPECT_EQ(directory.members().size(), 1U);
    ASSERT_NE(directory.owner_of_v4(older.certificate.overlay_v4), nullptr);
    EXPECT_EQ(*directory.owner_of_v4(older.certificate.overlay_v4), older.certificate.node);
    EXPECT_EQ(*directory.find(older.certificate.node), older);
    EXPECT_EQ(*directory.owner_of(older.descriptor.keys.wireguard), older.certificate.node);
    EXPECT_EQ(directory.address_conflicts(), 1U);
}

TEST_F(DirectoryTest, of_two_owners_of_an_address_the_older_stays_whoever_came_first) {
    for (const std::uint64_t apart_s : {0U, 1U, 86'400U}) {
        const auto [older, younger] = two_of_an_address(apart_s);
        const identity::NodeId refused = younger.certificate.node;
        Directory one(root().key.verify_key());
        ASSERT_TRUE(one.add(older, kNow).value());
        const Result<bool> late = one.add(younger, kNow);
        ASSERT_FALSE(late.has_value());
        EXPECT_TRUE(late.error().is(MeshError::kAddressTaken));
        expect_the_older(one, older);
        EXPECT_TRUE(one.is_refused(refused, younger.descriptor.sequence));
        EXPECT_FALSE(one.is_refused(refused, younger.descriptor.sequence + 1));

        Directory other(root().key.verify_key());
        ASSERT_TRUE(other.add(younger, kNow).value());
        ASSERT_TRUE(other.add(older, kNow).value());
        expect_the_older(other, older);
        EXPECT_TRUE(other.is_refused(refused, younger.descriptor.sequence));
        EXPECT_EQ(other.owner_of(younger.descriptor.keys.wireguard), nullptr);
        EXPECT_EQ(one.tree().hash(Prefix{}), other.tree().hash(Prefix{}));
    }
}

TEST_F(DirectoryTest, address_is_free_again_when_its_owner_is_put_out) {
    const auto [older, younger] = two_of_an_address(1);
    ASSERT_TRUE(directory_.add(older, kNow).value());
    ASSERT_FALSE(directory_.add(younger, kNow).has_value());
    ASSERT_TRUE(directory_.revoke(root().revocation(older.certificate.node), kNow).value());
    EXPECT_FALSE(directory_.is_refused(younger.certificate.node, younger.descriptor.sequence));
    EXPECT_TRUE(directory_.add(younger, kNow).value());
    EXPECT_EQ(*directory_.find(younger.certificate.node), younger);
}

TEST_F(DirectoryTest, address_of_a_dormant_member_is_taken) {
    const auto [older, younger] = two_of_an_address(1);
    ASSERT_TRUE(directory_.add_dormant(older, kNow.plus(30 * kDay)).has_value());
    EXPECT_FALSE(directory_.add(younger, kNow).has_value());
    EXPECT_FALSE(directory_.add_dormant(younger, kNow.plus(30 * kDay)).has_value());
    EXPECT_TRUE(directory_.is_dormant(older.certificate.node));
}

TEST_F(DirectoryTest, forged_record_takes_no_address) {
    const auto [older, younger] = two_of_an_address(1);
    ASSERT_TRUE(directory_.add(younger, kNow).value());
    MemberRecord forged = older;
    forged.certificate.keys_since.s -= 1;
    expect_error(directory_.add(forged, kNow), IdentityError::kBadSignature);
    EXPECT_EQ(*directory_.find(younger.certificate.node), younger);
    EXPECT_EQ(directory_.address_conflicts(), 0U);
}

TEST_F(DirectoryTest, members_without_an_address_do_not_contend_for_it) {
    for (const TestNode* each : {&alpha(), &beta()}) {
        MemberRecord made = member(*each, "none");
        made.certificate.overlay_v4 = made.descriptor.overlay_v4 = {};
        ASSERT_TRUE(made.certificate.issue(root().key).has_value());
        ASSERT_TRUE(made.descriptor.sign(each->keys.signing()).has_value());
        ASSERT_TRUE(directory_.add(made, kNow).value());
    }
    EXPECT_EQ(directory_.members().size(), 2U);
}

TEST_F(DirectoryTest, member_keeps_its_place_under_its_next_keys) {
    const MemberRecord before = member(alpha(), "alpha", 41);
    const MemberRecord after = root().rotated(before, beta());
    ASSERT_TRUE(directory_.add(before, kNow).value());
    ASSERT_TRUE(directory_.add(after, kNow).value());
    EXPECT_EQ(directory_.members().size(), 1U);
    EXPECT_EQ(*directory_.find(alpha().keys.first_id()), after);
    EXPECT_EQ(*directory_.owner_of(beta().keys.public_keys().wireguard), alpha().keys.first_id());
    EXPECT_EQ(directory_.owner_of(alpha().keys.public_keys().wireguard), nullptr);
}

// Keys of before are stolen with an old copy of the state: no word under them is the newer one.
TEST_F(DirectoryTest, keys_of_before_say_nothing_any_more) {
    MemberRecord old = member(alpha(), "alpha", 41);
    const MemberRecord now = root().rotated(old, beta());
    ASSERT_TRUE(directory_.add(now, kNow).value());
    EXPECT_FALSE(directory_.add(old, kNow).value());
    old.descriptor.sequence = (std::uint64_t{1} << identity::kGenerationShift) - 1;
    ASSERT_TRUE(old.descriptor.sign(alpha().keys.signing()).has_value());
    EXPECT_FALSE(directory_.add(old, kNow).value()) << "the greatest that it can sign";
    old.descriptor.sequence = now.descriptor.sequence + 1;
    ASSERT_TRUE(old.descriptor.sign(alpha().keys.signing()).has_value());
    expect_error(directory_.add(old, kNow), IdentityError::kContradiction);
    EXPECT_EQ(*directory_.find(alpha().keys.first_id()), now);
}

TEST_F(DirectoryTest, next_key_that_is_another_members_is_refused) {
    const MemberRecord other = member(beta(), "beta", 1, "100.64.0.8");
    const MemberRecord before = member(alpha(), "alpha");
    ASSERT_TRUE(directory_.add(other, kNow).value());
    ASSERT_TRUE(directory_.add(before, kNow).value());
    expect_error(
        directory_.add(root().rotated(before, beta()), kNow), IdentityError::kContradiction
    );
    EXPECT_EQ(*directory_.find(alpha().keys.first_id()), before);
    EXPECT_EQ(*directory_.owner_of(alpha().keys.public_keys().wireguard), alpha().keys.first_id());
}

TEST_F(DirectoryTest, summaries_name_everybody_range_by_range) {
    Summary summary = directory_.summarise();
    EXPECT_TRUE(summary.full);
    EXPECT_TRUE(summary.entries.empty());

    // One set of signing keys for all: only the WireGuard key and so the id differ.
    MemberRecord each = member(alpha(), "alpha");
    const auto add_one = [&](std::uint64_t seed) {
        each.descriptor.sequence = seed + 1;
        SeededRandom(seed).fill(each.descriptor.keys.wireguard);
        each.certificate.overlay_v4.bytes[2] = static_cast<std::uint8_t>(seed >> 8U);
        each.certificate.overlay_v4.bytes[3] = static_cast<std::uint8_t>(seed);
        each.descriptor.overlay_v4 = each.certificate.overlay_v4;
        each.certificate.node = each.descriptor.node = each.descriptor.keys.first_id();
        each.certificate.keys = each.descriptor.keys.hash();
        ASSERT_TRUE(each.certificate.issue(root().key).has_value());
        ASSERT_TRUE(each.descriptor.sign(alpha().keys.signing()).has_value());
        ASSERT_TRUE(directory_.add(each, kNow).value());
    };
    for (std::uint64_t seed = 0; seed < kSummaryEntriesMax; ++seed) {
        add_one(seed);
    }
    summary = directory_.summarise();
    EXPECT_TRUE(summary.full);
    EXPECT_EQ(summary.entries.size(), kSummaryEntriesMax);

    add_one(kSummaryEntriesMax);
    summary = directory_.summarise();
    EXPECT_FALSE(summary.full);
    EXPECT_EQ(summary.entries.size(), kSummaryEntriesMax);
    std::size_t named = 0;
    for (std::size_t digit = 0; digit < kDigitValues; ++digit) {
        summary = directory_.summarise(Prefix{}.with(digit));
        EXPECT_TRUE(summary.full);
        EXPECT_TRUE(decode(encode(summary)).has_value());
        named += summary.entries.size();
        for (const Summary::Entry& entry : summary.entries) {
            EXPECT_TRUE(summary.prefix.covers(entry.node.bytes));
            EXPECT_EQ(directory_.find(entry.node)->descriptor.sequence, entry.sequence);
        }
    }
    EXPECT_EQ(named, kSummaryEntriesMax + 1);
}

}  // namespace
}  // namespace phantom::mesh
