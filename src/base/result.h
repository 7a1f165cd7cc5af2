#pragma once

// Result<T>: what can go wrong outside us is a value. An Error is a component's enum and a small
// number, never a built string, so it may be made on the packet path.

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace phantom {

// One per component: how its error enum is called and described. Lives as long as the program.
struct ErrorDomain {
    const char* name;
    const char* (*describe)(std::uint16_t code);
};

// An enum is an error enum when `error_domain(E)` is found beside it.
template <class E>
concept ErrorEnum = requires(E code) {
    { error_domain(code) } -> std::same_as<const ErrorDomain&>;
};

class Error {
  public:
    template <ErrorEnum E>
    constexpr Error(E code, std::uint32_t detail = 0)  // NOLINT(google-explicit-constructor)
        : domain_(&error_domain(code)), code_(static_cast<std::uint16_t>(code)), detail_(detail) {}

    [[nodiscard]] std::uint32_t detail() const { return detail_; }
    [[nodiscard]] const char* what() const { return domain_->describe(code_); }
    // "wire: packet is shorter than its header (19)"; allocates, so not for the packet path.
    [[nodiscard]] std::string message() const;

    template <ErrorEnum E>
    [[nodiscard]] bool is(E code) const {
        return domain_ == &error_domain(code) && code_ == static_cast<std::uint16_t>(code);
    }

  private:
    const ErrorDomain* domain_;
    std::uint16_t code_;
    std::uint32_t detail_;
};

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
  public:
    using std::expected<T, Error>::expected;
};

using Status = Result<void>;

template <ErrorEnum E>
[[nodiscard]] constexpr std::unexpected<Error> fail(E code, std::uint32_t detail = 0) {
    return std::unexpected<Error>(Error(code, detail));
}

}  // namespace phantom

// const auto message = PM_TRY(parse(bytes)); returns the error to our caller.
#define PM_TRY(expression)                                                   \
    __extension__({                                                          \
        auto&& pm_try_result = (expression);                                 \
        if (!pm_try_result.has_value()) [[unlikely]] {                       \
            return std::unexpected<::phantom::Error>(pm_try_result.error()); \
        }                                                                    \
        ::phantom::detail::take(std::move(pm_try_result));                   \
    })

namespace phantom::detail {
template <class T>
T take(Result<T>&& result) {
    return std::move(*result);
}
inline void take(Result<void>&& /*result*/) {}
}  // namespace phantom::detail
