#include "cli/meshes.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cli/output.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr const char* kMeshFile = "mesh.db";

json::object describe_mesh(const Places& places) {
    json::object described{{"mesh", places.mesh}, {"running", false}};
    const Answer answer = ask(places, {{"verb", "status"}});
    if (answer.exit == Exit::kOk) {
        const json::object& self = answer.body.at("self").as_object();
        described["running"] = true;
        described["id"] = answer.body.at("mesh");
        described["interface"] = self.at("interface");
        described["name"] = self.at("name");
        described["peers"] = answer.body.at("peers").as_array().size();
    }
    return described;
}

std::string line_of(const json::object& mesh) {
    const std::string name(mesh.at("mesh").as_string());
    const std::string shown = name.empty() ? "(first)" : name;
    if (!mesh.at("running").as_bool()) {
        return fmt::format("{:<16} down\n", shown);
    }
    return fmt::format(
        "{:<16} up    {:<12} {} in {}, {} peers\n", shown, mesh.at("interface").as_string().c_str(),
        mesh.at("name").as_string().c_str(), mesh.at("id").as_string().c_str(),
        mesh.at("peers").to_number<std::size_t>()
    );
}

}  // namespace

std::string make_parents(const Places& places) {
    if (places.mesh.empty()) {
        return {};
    }
    for (const std::string& folder : {places.state_dir, places.run_dir}) {
        const fs::path parent = fs::path(folder).parent_path();
        std::error_code error;
        const bool is_new = fs::create_directories(parent, error);
        if (is_new && folder == places.state_dir) {
            fs::permissions(parent, fs::perms::owner_all, error);
        }
        if (error) {
            return fmt::format("{}: {}", parent.string(), error.message());
        }
    }
    return {};
}

int list_meshes(const Places& first, bool as_json) {
    std::vector<Places> all;
    if (fs::exists(fs::path(first.state_dir) / kMeshFile)) {
        all.push_back(first);
    }
    std::error_code error;
    for (const auto& each : fs::directory_iterator(fs::path(first.state_dir) / "meshes", error)) {
        if (fs::exists(each.path() / kMeshFile)) {
            all.push_back(first);
            all.back().enter(each.path().filename().string());
        }
    }
    std::ranges::sort(all, {}, &Places::mesh);
    json::array listed;
    for (const Places& each : all) {
        listed.push_back(describe_mesh(each));
    }
    if (as_json) {
        print_json({{"schema", "phantom.meshes/1"}, {"meshes", std::move(listed)}});
        return 0;
    }
    std::string text;
    for (const json::value& each : listed) {
        text += line_of(each.as_object());
    }
    print(text.empty() ? "This machine is in no mesh: 'phantom init' makes one.\n" : text);
    return 0;
}

}  // namespace phantom::cli
