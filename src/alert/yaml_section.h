#pragma once

// A YAML mapping that is read key by key; what nobody asked for is refused. Inside this component only.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "alert/config.h"

namespace phantom::alert {

// What is wrong with a file.
class Faults {
  public:
    void add(const YAML::Mark& mark, std::string text);
    void add(const YAML::Node& node, std::string text) { add(node.Mark(), std::move(text)); }
    [[nodiscard]] bool empty() const { return faults_.empty(); }
    [[nodiscard]] std::vector<Remark> take() { return std::move(faults_); }

  private:
    std::vector<Remark> faults_;
};

[[nodiscard]] Remark remark_at(const YAML::Mark& mark, std::string text);

class Section {
  public:
    // `what` is what messages call it: "route", "webhook_configs".
    Section(const YAML::Node& node, std::string what, Faults& faults);

    // A key that is there with nothing behind it is not given.
    [[nodiscard]] bool has(std::string_view key) const;
    // Undefined where it is not given; asked for from here on.
    [[nodiscard]] YAML::Node take(std::string_view key);

    [[nodiscard]] std::string text(std::string_view key, std::string otherwise = {});
    [[nodiscard]] bool flag(std::string_view key, bool otherwise);
    [[nodiscard]] Duration duration(std::string_view key, Duration otherwise);
    [[nodiscard]] std::size_t number(std::string_view key, std::size_t otherwise);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    [[nodiscard]] std::vector<YAML::Node> list(std::string_view key);
    // KEY or KEY_file, not both.
    [[nodiscard]] Secret secret(std::string_view key);
    [[nodiscard]] std::string url(std::string_view key, std::string otherwise = {});

    // Known, and of no effect here; those given.
    std::vector<std::string> pass_over(std::initializer_list<std::string_view> keys);
    void refuse_others();

    void fault(std::string text) { faults_.add(node_, std::move(text)); }
    void fault_at(std::string_view key, std::string text);
    [[nodiscard]] const YAML::Node& node() const { return node_; }
    [[nodiscard]] Faults& faults() { return faults_; }
    [[nodiscard]] const std::string& what() const { return what_; }

  private:
    struct Field {
        YAML::Node key;
        YAML::Node value;
    };

    YAML::Node node_;
    std::string what_;
    Faults& faults_;
    std::map<std::string, Field, std::less<>> fields_;
    std::set<std::string, std::less<>> asked_for_;
};

[[nodiscard]] bool is_web_url(std::string_view url);

}  // namespace phantom::alert
