// SPDX-License-Identifier: BSD-2-Clause
// Both compilers lay out what crosses the kernel boundary alike: the structs of xvrrp/abi/types.h against the
// BTF of the loaded program. And what is pinned can be read by a person.
// xv_event is no map's type and so not in the BTF: that both sides mean the same by it shows in
// report_test.cpp and liveness_test.cpp, which read each of its fields.
#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <set>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <unistd.h>

#include <xvrrp/abi/names.h>

#include "bpf/bpf_test.hpp"
#include "bpf/sandbox.hpp"
#include "dataplane/loader.hpp"

namespace xvrrp::test {
namespace {

struct Field {
  const char* name;
  std::size_t offset;
};
struct Layout {
  const char* name;
  std::size_t size;
  std::vector<Field> fields;
};

#define FIELD(name)                                                                                          \
  Field {                                                                                                    \
#name, offsetof(Type, name)                                                                              \
  }
#define LAYOUT(type, ...)                                                                                    \
  [] {                                                                                                       \
    using Type = type;                                                                                       \
    return Layout{#type, sizeof(type), {__VA_ARGS__}};                                                       \
  }()

std::vector<Layout> layouts() {
  return {
      LAYOUT(xv_vr_key, FIELD(ifindex), FIELD(vlan), FIELD(inner_vlan), FIELD(family), FIELD(vrid),
             FIELD(pad)),
      LAYOUT(xv_if_key, FIELD(ifindex), FIELD(vlan), FIELD(inner_vlan)),
      LAYOUT(xv_if_report, FIELD(last_ns)),
      LAYOUT(xv_if_policy, FIELD(mode), FIELD(flags)),
      LAYOUT(xv_vr_config, FIELD(advert_interval_ns), FIELD(flags), FIELD(interval_wire), FIELD(version),
             FIELD(priority), FIELD(down_adverts), FIELD(auth_type), FIELD(list_sum), FIELD(count),
             FIELD(mac), FIELD(device_mac), FIELD(pad), FIELD(lease_slot), FIELD(auth_data),
             FIELD(local_address)),
      LAYOUT(xv_peer_key, FIELD(vr), FIELD(address)),
      LAYOUT(xv_vip_key, FIELD(ifindex), FIELD(vlan), FIELD(inner_vlan), FIELD(family), FIELD(pad),
             FIELD(address)),
      LAYOUT(xv_vip, FIELD(vr), FIELD(flags)),
      LAYOUT(xv_vmac_key, FIELD(ifindex), FIELD(vlan), FIELD(inner_vlan), FIELD(mac), FIELD(pad)),
      LAYOUT(xv_vmac, FIELD(vr)),
      LAYOUT(xv_guard, FIELD(fenced), FIELD(no_accept), FIELD(vmac), FIELD(any_mac), FIELD(capture_until_ns)),
      LAYOUT(xv_capture_if, FIELD(until_ns)),
      LAYOUT(xv_hearing, FIELD(last_ns), FIELD(adverts), FIELD(gap_ns), FIELD(gap_max_ns), FIELD(jitter_ns),
             FIELD(master), FIELD(changes), FIELD(interval_wire), FIELD(version), FIELD(priority),
             FIELD(notes), FIELD(pad)),
      LAYOUT(xv_interop, FIELD(until_ns), FIELD(source)),
      LAYOUT(xv_pace, FIELD(mean_ns), FIELD(last_ns), FIELD(source), FIELD(adverts), FIELD(differs)),
      LAYOUT(xv_patience, FIELD(since_ns), FIELD(last_ns), FIELD(interval_ns), FIELD(source)),
      LAYOUT(xv_claim, FIELD(last_ns), FIELD(told_ns), FIELD(address), FIELD(mac), FIELD(pad)),
      LAYOUT(xv_vr_live, FIELD(deadline_ns), FIELD(told_ns), FIELD(interval_ns), FIELD(limit_ns),
             FIELD(limit_count), FIELD(role), FIELD(generation), FIELD(unreported), FIELD(lease_slot),
             FIELD(fenced), FIELD(told_generation), FIELD(pad), FIELD(interop), FIELD(pace), FIELD(patience),
             FIELD(claim), FIELD(heard)),
#define XV_X(number, id, kind, text) FIELD(id),
      LAYOUT(xv_stats, XV_REASONS(XV_X)),
#undef XV_X
      LAYOUT(xv_command, FIELD(deadline_ns), FIELD(interval_ns), FIELD(key), FIELD(op), FIELD(role),
             FIELD(generation), FIELD(result), FIELD(lease_slot)),
      LAYOUT(xv_info, FIELD(abi_version), FIELD(owner), FIELD(owner_pid)),
  };
}

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

constexpr std::array kMaps{
    XV_MAP_INFO,    XV_MAP_IF_POLICY,  XV_MAP_IF_STATS, XV_MAP_IF_REPORT,  XV_MAP_VR_CONFIG, XV_MAP_VR_PEER,
    XV_MAP_VR_LIVE, XV_MAP_DOWN_TIMER, XV_MAP_VR_STATS, XV_MAP_HEARD,      XV_MAP_EVENTS,    XV_MAP_VIP,
    XV_MAP_VMAC,    XV_MAP_GUARD,      XV_MAP_LEASE,    XV_MAP_CAPTURE_IF, XV_MAP_CAPTURE};
constexpr std::array kPrograms{XV_PROG_RX, XV_PROG_IN, XV_PROG_TX, XV_PROG_GUARD, XV_PROG_CONTROL};
/// What the kernel keeps of a name.
constexpr std::size_t kNameMax = 15;

class Abi : public BpfTest {
protected:
  static std::string directory() { return dataplane::pin_directory("t" + std::to_string(getpid())); }
  /// The names of the maps that are pinned on this kernel.
  std::vector<std::string> maps() {
    std::vector<std::string> names{kMaps.begin(), kMaps.end()};
    if (plane().down_timer() != dataplane::DownTimer::Kernel)
      names.erase(std::find(names.begin(), names.end(), XV_MAP_DOWN_TIMER));
    return names;
  }
  static bpf_prog_info program_info(const std::string& name) {
    const dataplane::BpfFd program{bpf_obj_get((directory() + "/" + name).c_str())};
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    EXPECT_EQ(bpf_obj_get_info_by_fd(program.get(), &info, &size), 0) << name;
    return info;
  }
};

TEST_F(Abi, BothSidesLayOutTheStructsAlike) {
  const std::unique_ptr<btf, FreeBtf> types{btf__load_from_kernel_by_id(program_info(XV_PROG_RX).btf_id)};
  ASSERT_TRUE(types);
  for (const auto& layout : layouts()) {
    SCOPED_TRACE(layout.name);
    const auto id = btf__find_by_name_kind(types.get(), layout.name, BTF_KIND_STRUCT);
    ASSERT_GT(id, 0) << "not in the object";
    const btf_type* type = btf__type_by_id(types.get(), static_cast<__u32>(id));
    EXPECT_EQ(type->size, layout.size);
    ASSERT_EQ(btf_vlen(type), layout.fields.size()) << "a field that this test does not know";
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
      EXPECT_STREQ(btf__name_by_offset(types.get(), btf_members(type)[i].name_off), layout.fields[i].name);
      EXPECT_EQ(btf_member_bit_offset(type, static_cast<__u32>(i)), layout.fields[i].offset * 8)
          << layout.fields[i].name;
    }
  }
}

TEST_F(Abi, PinsAreExactlyTheNamesOfTheHeader) {
  std::set<std::string> pins;
  for (const auto& entry : std::filesystem::directory_iterator{directory()})
    pins.insert(entry.path().filename());
  const auto expected = maps();
  std::set<std::string> names{expected.begin(), expected.end()};
  names.insert(kPrograms.begin(), kPrograms.end());
  EXPECT_EQ(pins, names);
}

TEST_F(Abi, TheKernelKnowsThemByTheSameNames) {
  for (const auto& name : maps()) {
    const dataplane::BpfFd map{bpf_obj_get((directory() + "/" + name).c_str())};
    bpf_map_info info{};
    __u32 size = sizeof(info);
    ASSERT_EQ(bpf_obj_get_info_by_fd(map.get(), &info, &size), 0) << name;
    EXPECT_EQ(info.name, name);
    EXPECT_LE(name.size(), kNameMax);
  }
  for (const std::string name : kPrograms) {
    EXPECT_EQ(program_info(name).name, name);
    EXPECT_LE(name.size(), kNameMax);
  }
}

TEST_F(Abi, DumpsShowFieldNames) {
  configure_interface(XV_MODE_OWN);
  start(guide_router(), now_ns() + kHour);
  const auto dump = [](const char* map) {
    const auto result = run_command(std::string{"bpftool map dump pinned "} + directory() + "/" + map);
    EXPECT_EQ(result.status, 0) << result.output;
    return result.output;
  };
  const auto config = dump(XV_MAP_VR_CONFIG);
  for (const char* field : {"\"vrid\": 150", "\"advert_interval_ns\": 1000000000", "\"priority\": 100"})
    EXPECT_NE(config.find(field), std::string::npos) << field << " in\n" << config;
  EXPECT_NE(dump(XV_MAP_VR_STATS).find("\"backup_restart\": 0"), std::string::npos);
  EXPECT_NE(dump(XV_MAP_VR_LIVE).find("\"deadline_ns\""), std::string::npos);
  EXPECT_NE(dump(XV_MAP_INFO).find("\"abi_version\": " + std::to_string(XV_ABI_VERSION)), std::string::npos);
}

TEST_F(Abi, AnotherVersionIsRefusedWithASentence) {
  const auto instance = "t" + std::to_string(getpid());
  const dataplane::BpfFd info{bpf_obj_get((directory() + "/" XV_MAP_INFO).c_str())};
  const __u32 zero = 0;
  const xv_info other{XV_ABI_VERSION + 1, XV_OWNER_DAEMON, 1234};
  ASSERT_EQ(bpf_map_update_elem(info.get(), &zero, &other, BPF_ANY), 0);
  const auto opened = dataplane::DataPlane::open(instance);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::Conflict);
  EXPECT_NE(opened.error().message.find("another version of xvrrp"), std::string::npos)
      << opened.error().message;
  EXPECT_NE(opened.error().message.find("--replace"), std::string::npos) << opened.error().message;
}

} // namespace
} // namespace xvrrp::test
