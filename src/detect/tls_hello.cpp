#include "detect/tls_hello.h"

#include <fmt/format.h>

#include "detect/byte_reader.h"

namespace phantom::detect {

namespace {

constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kGroups = 10;
constexpr std::uint16_t kPointFormats = 11;
constexpr std::uint16_t kAlpnExtension = 16;
constexpr std::size_t kAlpnNamesMax = 32;

// RFC 8701: values that only test whether unknown ones are passed over.
bool is_grease(std::uint16_t value) {
    return (value & 0x0f0fU) == 0x0a0aU && value >> 8U == (value & 0xffU);
}

class DashedList {
  public:
    void add(std::uint16_t value) {
        if (!is_grease(value)) {
            text_ += fmt::format("{}{}", text_.empty() ? "" : "-", value);
        }
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
};

std::vector<std::string> read_protocols(ByteReader extension) {
    std::vector<std::string> names;
    ByteReader list = extension.inner16();
    while (list.left() > 0 && names.size() < kAlpnNamesMax) {
        names.emplace_back(as_text(list.inner8().rest()));
    }
    return names;
}

}  // namespace

TlsHello read_client_hello(ByteView body) {
    ByteReader reader(body);
    TlsHello hello{.version = reader.u16(), .server_name = {}, .protocols = {}, .ja3 = {}};
    reader.bytes(32);
    reader.inner8();
    DashedList ciphers;
    DashedList extensions;
    DashedList groups;
    DashedList formats;
    ByteReader cipher_list = reader.inner16();
    while (cipher_list.left() >= 2) {
        ciphers.add(cipher_list.u16());
    }
    reader.inner8();
    ByteReader extension_list = reader.inner16();
    while (extension_list.left() >= 4) {
        const std::uint16_t type = extension_list.u16();
        ByteReader extension = extension_list.inner16();
        extensions.add(type);
        if (type == kServerName) {
            ByteReader names = extension.inner16();
            if (names.u8() == 0) {
                hello.server_name = as_text(names.inner16().rest());
            }
        } else if (type == kGroups) {
            for (ByteReader list = extension.inner16(); list.left() >= 2;) {
                groups.add(list.u16());
            }
        } else if (type == kPointFormats) {
            for (ByteReader list = extension.inner8(); list.left() > 0;) {
                formats.add(list.u8());
            }
        } else if (type == kAlpnExtension) {
            hello.protocols = read_protocols(extension);
        }
    }
    hello.ja3 = fmt::format(
        "{},{},{},{},{}", hello.version, ciphers.text(), extensions.text(), groups.text(),
        formats.text()
    );
    return hello;
}

TlsHello read_server_hello(ByteView body) {
    ByteReader reader(body);
    TlsHello hello{.version = reader.u16(), .server_name = {}, .protocols = {}, .ja3 = {}};
    reader.bytes(32);
    reader.inner8();
    const std::uint16_t cipher = reader.u16();
    reader.u8();
    DashedList extensions;
    ByteReader extension_list = reader.inner16();
    while (extension_list.left() >= 4) {
        const std::uint16_t type = extension_list.u16();
        const ByteReader extension = extension_list.inner16();
        extensions.add(type);
        if (type == kAlpnExtension) {
            hello.protocols = read_protocols(extension);
        }
    }
    hello.ja3 = fmt::format("{},{},{}", hello.version, cipher, extensions.text());
    return hello;
}

}  // namespace phantom::detect
