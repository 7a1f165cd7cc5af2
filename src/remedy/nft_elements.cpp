#include "remedy/nft_elements.h"

#include <algorithm>
#include <array>
#include <bit>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "base/assert.h"

namespace phantom::remedy {

namespace {

// NFPROTO_INET; its header and the C library's do not go together.
constexpr std::uint8_t kFamilyInet = 1;
constexpr std::uint16_t kNftSystem = NFNL_SUBSYS_NFTABLES << 8U;

// Messages one behind the other.
class NftWriter {
  public:
    nlmsghdr* begin(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence) {
        PM_ASSERT(size_ + kNftMessageSizeMax <= buffer_.size());
        nlmsghdr* header = mnl_nlmsg_put_header(buffer_.data() + size_);
        header->nlmsg_type = type;
        header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        header->nlmsg_seq = sequence;
        return header;
    }
    static void put_family(nlmsghdr* header, std::uint8_t family, std::uint16_t resource) {
        auto* generic =
            static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
        generic->nfgen_family = family;
        generic->version = NFNETLINK_V0;
        generic->res_id = std::byteswap(resource);
    }
    void end(const nlmsghdr* header) { size_ += MNL_ALIGN(header->nlmsg_len); }

    void boundary(std::uint16_t type, std::uint32_t sequence) {
        nlmsghdr* header = begin(type, 0, sequence);
        put_family(header, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
        end(header);
    }
    [[nodiscard]] std::vector<std::uint8_t> take() const {
        return {buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size_)};
    }

  private:
    alignas(nlmsghdr
    ) std::array<std::uint8_t, (2 * kNftChangesMax + 2) * kNftMessageSizeMax> buffer_{};
    std::size_t size_ = 0;
};

void put_set(nlmsghdr* header, const std::string& set) {
    NftWriter::put_family(header, kFamilyInet, 0);
    mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_TABLE, kFirewallTable);
    mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_SET, set.c_str());
}

void put_element(
    nlmsghdr* header, const NftKey& key_bytes, const std::optional<Duration>& lasting
) {
    nlattr* list = mnl_attr_nest_start(header, NFTA_SET_ELEM_LIST_ELEMENTS);
    nlattr* element = mnl_attr_nest_start(header, NFTA_LIST_ELEM);
    nlattr* key = mnl_attr_nest_start(header, NFTA_SET_ELEM_KEY);
    mnl_attr_put(header, NFTA_DATA_VALUE, key_bytes.size, key_bytes.bytes.data());
    mnl_attr_nest_end(header, key);
    if (lasting) {
        const auto ms = std::chrono::ceil<std::chrono::milliseconds>(*lasting).count();
        mnl_attr_put_u64(
            header, NFTA_SET_ELEM_TIMEOUT,
            std::byteswap(static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 1)))
        );
    }
    mnl_attr_nest_end(header, element);
    mnl_attr_nest_end(header, list);
}

// Attributes of one nest by their type; `table` has room for types up to its size.
template <std::size_t Count>
void sort_attributes(const void* begin, std::size_t size, std::array<const nlattr*, Count>& table) {
    const auto* at = static_cast<const nlattr*>(begin);
    auto left = static_cast<int>(size);
    while (mnl_attr_ok(at, left)) {
        const std::uint16_t type = mnl_attr_get_type(at);
        if (type < Count) {
            table[type] = at;
        }
        left -= MNL_ALIGN(at->nla_len);
        at = mnl_attr_next(at);
    }
}
template <std::size_t Count>
void sort_nested(const nlattr* nest, std::array<const nlattr*, Count>& table) {
    if (nest != nullptr) {
        sort_attributes(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), table);
    }
}

std::optional<Duration> milliseconds_of(const nlattr* attribute) {
    if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != sizeof(std::uint64_t)) {
        return std::nullopt;
    }
    const auto ms =
        load_be<std::uint64_t>(static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)));
    constexpr std::uint64_t kMsMax = 100ULL * 366 * 86'400 * 1'000;  // a hundred years
    return Duration(std::chrono::milliseconds(std::min(ms, kMsMax)));
}

std::optional<NftElement> element_of(const nlattr* element) {
    std::array<const nlattr*, NFTA_SET_ELEM_MAX + 1> parts{};
    sort_nested(element, parts);
    std::array<const nlattr*, NFTA_DATA_MAX + 1> data{};
    sort_nested(parts[NFTA_SET_ELEM_KEY], data);
    const nlattr* value = data[NFTA_DATA_VALUE];
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(value));
    NftElement found;
    const std::size_t size = mnl_attr_get_payload_len(value);
    if (size == 0 || size > found.key.bytes.size()) {
        return std::nullopt;
    }
    std::copy_n(bytes, size, found.key.bytes.begin());
    found.key.size = static_cast<std::uint8_t>(size);
    found.left = milliseconds_of(parts[NFTA_SET_ELEM_EXPIRATION]);
    return found;
}

}  // namespace

NftKey NftKey::of(const wire::Address& address) {
    return {.bytes = address.bytes, .size = static_cast<std::uint8_t>(address.size_bytes())};
}

NftKey NftKey::of(std::uint8_t number) {
    return {.bytes = {number}, .size = 1};
}

NftRequest nft_change(const std::vector<NftChange>& changes, std::uint32_t sequence) {
    PM_ASSERT(changes.size() <= kNftChangesMax);
    NftWriter writer;
    std::uint32_t number = sequence;
    const auto put = [&](const NftChange& change, std::uint16_t type, std::uint16_t flags) {
        nlmsghdr* header = writer.begin(kNftSystem | type, NLM_F_ACK | flags, ++number);
        put_set(header, change.place.set);
        const bool adds = type == NFT_MSG_NEWSETELEM;
        put_element(header, change.place.key, adds ? change.lasting : std::nullopt);
        writer.end(header);
    };
    writer.boundary(NFNL_MSG_BATCH_BEGIN, sequence);
    for (const NftChange& change : changes) {
        if (change.is_there) {
            put(change, NFT_MSG_DELSETELEM, 0);
        }
        if (change.shall_be_there) {
            put(change, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL);
        }
    }
    writer.boundary(NFNL_MSG_BATCH_END, number + 1);
    return {writer.take(), number};
}

NftRequest nft_question(const NftPlace& place, std::uint32_t sequence) {
    NftWriter writer;
    nlmsghdr* header = writer.begin(kNftSystem | NFT_MSG_GETSETELEM, NLM_F_ACK, sequence);
    put_set(header, place.set);
    put_element(header, place.key, std::nullopt);
    writer.end(header);
    return {writer.take(), sequence};
}

NftRequest nft_dump(const std::string& set, std::uint32_t sequence) {
    NftWriter writer;
    nlmsghdr* header = writer.begin(kNftSystem | NFT_MSG_GETSETELEM, NLM_F_DUMP, sequence);
    put_set(header, set);
    writer.end(header);
    return {writer.take(), sequence};
}

NftRequest nft_rules_dump(std::uint32_t sequence) {
    NftWriter writer;
    nlmsghdr* header = writer.begin(kNftSystem | NFT_MSG_GETRULE, NLM_F_DUMP, sequence);
    NftWriter::put_family(header, kFamilyInet, 0);
    mnl_attr_put_strz(header, NFTA_RULE_TABLE, kFirewallTable);
    writer.end(header);
    return {writer.take(), sequence};
}

bool is_nft_rule(ByteView message) {
    const auto* header = reinterpret_cast<const nlmsghdr*>(message.data());
    return mnl_nlmsg_ok(header, static_cast<int>(message.size())) &&
           header->nlmsg_type == (kNftSystem | NFT_MSG_NEWRULE);
}

std::vector<NftElement> nft_elements_in(ByteView message) {
    std::vector<NftElement> found;
    const auto* header = reinterpret_cast<const nlmsghdr*>(message.data());
    if (!mnl_nlmsg_ok(header, static_cast<int>(message.size())) ||
        header->nlmsg_type != (kNftSystem | NFT_MSG_NEWSETELEM) ||
        mnl_nlmsg_get_payload_len(header) < sizeof(nfgenmsg)) {
        return found;
    }
    std::array<const nlattr*, NFTA_SET_ELEM_LIST_MAX + 1> parts{};
    const auto* body =
        static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload_offset(header, sizeof(nfgenmsg)));
    const std::size_t size = mnl_nlmsg_get_payload_len(header) - MNL_ALIGN(sizeof(nfgenmsg));
    sort_attributes(body, size, parts);
    const nlattr* list = parts[NFTA_SET_ELEM_LIST_ELEMENTS];
    if (list == nullptr) {
        return found;
    }
    const auto* at = static_cast<const nlattr*>(mnl_attr_get_payload(list));
    auto left = static_cast<int>(mnl_attr_get_payload_len(list));
    while (mnl_attr_ok(at, left)) {
        if (const auto element = element_of(at)) {
            found.push_back(*element);
        }
        left -= MNL_ALIGN(at->nla_len);
        at = mnl_attr_next(at);
    }
    return found;
}

}  // namespace phantom::remedy
