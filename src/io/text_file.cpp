#include "io/text_file.h"

#include <fstream>
#include <utility>

namespace phantom::io {

std::optional<std::string> read_beginning(const std::string& path, std::size_t size_max) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    std::string text(size_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return file.bad() ? std::nullopt : std::optional(std::move(text));
}

std::optional<std::string> read_secret(const std::string& path) {
    auto text = read_beginning(path, kSecretFileMax);
    if (!text || text->size() > kSecretFileMax) {
        return std::nullopt;
    }
    while (text->ends_with('\n') || text->ends_with('\r')) {
        text->pop_back();
    }
    return text;
}

}  // namespace phantom::io
