#include "detect/url_decode.h"

#include "detect/text.h"

namespace phantom::detect {

std::string url_decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size()) {
            const int high = hex_digit(text[at + 1]);
            const int low = hex_digit(text[at + 2]);
            if (high >= 0 && low >= 0) {
                out += static_cast<char>(high * 16 + low);
                at += 2;
                continue;
            }
        }
        out += plus_is_blank && text[at] == '+' ? ' ' : text[at];
    }
    return out;
}

}  // namespace phantom::detect
