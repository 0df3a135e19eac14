#include "commands.hpp"
#include "laboratory/build_info.hpp"
#include "laboratory/json.hpp"

namespace stellate::app {

int version(bool json) {
    if (json) {
        JsonWriter out;
        out.begin_object()
            .member("program", "stellate")
            .member("version", build_info::version)
            .member("commit", build_info::commit)
            .member("compiler", build_info::compiler);
        out.member("flags", build_info::flags).member("build_type", build_info::build_type).end_object();
        print(out.text());
        return done;
    }
    const std::string commit = build_info::commit;
    print(std::string("stellate ") + build_info::version + (commit.empty() ? "" : " of commit " + commit) +
          "\nbuilt by " + build_info::compiler + " (" + build_info::build_type + ", " + build_info::flags + ")\n");
    return done;
}

}  // namespace stellate::app
