#include "daemon/wiped_json.h"

#include <cstddef>
#include <new>
#include <vector>

#include "base/assert.h"
#include "crypto/secret.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

// The alignment that Boost gives back is not always the one it asked for: all get the largest.
class WipingResource final : public json::memory_resource {
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        PM_ASSERT(alignment <= alignof(std::max_align_t));
        return ::operator new(size);
    }
    void do_deallocate(void* memory, std::size_t size, std::size_t /*alignment*/) override {
        crypto::wipe({static_cast<std::uint8_t*>(memory), size});
        ::operator delete(memory);
    }
    [[nodiscard]] bool do_is_equal(const json::memory_resource& other) const noexcept override {
        return this == &other;
    }
};

// What the parser and the serializer keep of a text on the way.
constexpr std::size_t kScratchSize = 4096;
template <class Byte>
using Scratch = std::vector<Byte, wireguard::WipingAllocator<Byte>>;

}  // namespace

json::storage_ptr wiped_storage() {
    return json::make_shared_resource<WipingResource>();
}

json::value parse_wiped(std::string_view text) {
    const json::storage_ptr storage = wiped_storage();
    Scratch<unsigned char> scratch(kScratchSize);
    json::parser parser(storage, {}, scratch.data(), scratch.size());
    parser.reset(storage);
    boost::system::error_code bad;
    parser.write(text, bad);
    return bad ? json::value() : parser.release();
}

wireguard::SecretText line_of(const json::object& value) {
    wireguard::SecretText line;
    Scratch<char> scratch(kScratchSize);
    json::serializer serializer;
    serializer.reset(&value);
    while (!serializer.done()) {
        const auto part = serializer.read(scratch.data(), scratch.size());
        line.insert(line.end(), part.begin(), part.end());
    }
    line.push_back('\n');
    return line;
}

}  // namespace phantom::daemon
