"""What the screens say besides figures, Vietnamese first and English second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contract.messages import CameraState
from contract.problems import Problem
from contract.readings import KpiFamily


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text in both languages."""

    vi: str
    en: str


FAMILIES: Mapping[KpiFamily, Words] = MappingProxyType(
    {
        KpiFamily.OFFICIAL: Words(vi="CHÍNH THỨC", en="Official"),
        KpiFamily.EXPERIENCE: Words(vi="TRẢI NGHIỆM", en="Experience"),
        KpiFamily.OPERATION: Words(vi="VẬN HÀNH", en="Operation"),
    }
)

LIVE = Words(vi="TRỰC TUYẾN", en="Live")
PLACE = Words(vi="Bộ phận Một cửa", en="One-stop shops")
PROVINCE = Words(vi="Toàn tỉnh", en="Whole province")
UNITS = Words(vi="Đơn vị", en="Units")
SIMULATED = Words(vi="MÔ PHỎNG", en="Simulated")
PARTLY_SIMULATED = Words(vi="CÓ MÔ PHỎNG", en="Partly simulated")
TODAY = Words(vi="Hôm nay", en="Today")
NO_DATA = Words(vi="không có dữ liệu", en="no data")
SMALL_SAMPLE = Words(vi="chưa đủ mẫu", en="too few to show")
OLD = Words(vi="cũ", en="old")
STALE = Words(vi="dữ liệu cũ", en="old data")
ALL_OLD = Words(vi="DỮ LIỆU CŨ", en="Old data")
NO_DATA_YET = Words(vi="CHƯA CÓ DỮ LIỆU", en="No data")
INTERVAL = Words(vi="Khoảng 95 %", en="interval")
NO_UNITS = Words(vi="Chưa có đơn vị nào", en="No unit has reported yet")
WAITING_FOR_DATA = Words(vi="Đang chờ dữ liệu", en="Waiting for data")

RATINGS: Mapping[str, Words] = MappingProxyType(
    {
        "5": Words(vi="Rất hài lòng", en="Very satisfied"),
        "4": Words(vi="Hài lòng", en="Satisfied"),
        "3": Words(vi="Bình thường", en="Neutral"),
        "2": Words(vi="Không hài lòng", en="Dissatisfied"),
        "1": Words(vi="Rất không hài lòng", en="Very dissatisfied"),
    }
)
"""The official five levels, best first."""

SENTIMENTS: Mapping[str, Words] = MappingProxyType(
    {
        "positive": Words(vi="Tích cực", en="Positive"),
        "neutral": Words(vi="Trung tính", en="Neutral"),
        "negative": Words(vi="Tiêu cực", en="Negative"),
    }
)
"""In the order in which a mix is drawn."""

UNIT = Words(vi="Đơn vị", en="Unit")
ONLINE = Words(vi="Trực tuyến", en="Online")
OFFLINE = Words(vi="Ngoại tuyến", en="Offline")
UNKNOWN = Words(vi="chưa rõ", en="unknown")
NEVER = Words(vi="chưa từng", en="never")
FILTER = Words(vi="Tìm", en="Find")
NOTHING = Words(vi="Không có dòng nào", en="No rows")
INTERVAL_KEY = Words(vi="khoảng tin cậy 95 %", en="95 % interval")
CASES = Words(vi="số lượt tính vào", en="cases counted")
INTERVALS = Words(
    vi="Tỷ lệ hài lòng hôm nay, khoảng tin cậy 95 %",
    en="Share satisfied today with its 95 % interval",
)

CAMERAS: Mapping[str, Words] = MappingProxyType(
    {
        CameraState.OK: Words(vi="hoạt động", en="working"),
        CameraState.MISSING: Words(vi="không tìm thấy", en="missing"),
        CameraState.BLACK: Words(vi="hình đen", en="black"),
        CameraState.FROZEN: Words(vi="đứng hình", en="frozen"),
        CameraState.OFF: Words(vi="đã tắt", en="off"),
    }
)

PROCESSES: Mapping[str, str] = MappingProxyType(
    {
        "watch": "bộ quan sát (watch)",
        "kiosk": "màn hình đánh giá (kiosk)",
        "relay": "bộ gửi dữ liệu (relay)",
    }
)
"""A unit's processes in Vietnamese, each with the name that its commands and logs use."""

PROBLEMS: Mapping[Problem, str] = MappingProxyType(
    {
        Problem.NOT_WATCHING: "quầy không được quan sát: {detail}",
        Problem.RATINGS_NOT_STORED: "không lưu được đánh giá: {detail}",
        Problem.SILENT: "{process} đã {silent_s} giây không báo cáo",
        Problem.SILENT_SINCE_START: "{process} chưa báo cáo lần nào từ khi máy khởi động",
        Problem.SERVER_SILENT: "máy chủ đã {silent_s} giây không xác nhận dữ liệu nào",
        Problem.CAMERA_MISSING: "camera không cho hình: kiểm tra dây cắm, nguồn điện và địa chỉ",
        Problem.CAMERA_BLACK: "camera cho hình đen: kiểm tra nắp ống kính và ánh sáng",
        Problem.CAMERA_FROZEN: "camera lặp lại một hình: tắt camera rồi bật lại",
        Problem.NO_EXPRESSIONS: "không có mô hình biểu cảm: chỉ đếm lượt phục vụ",
        Problem.FRAMES_FAILED: "không phân tích được {frames} khung hình: xem nhật ký",
        Problem.DISK_FULL: "kho {path}: đĩa đã đầy; giải phóng dung lượng hoặc kiểm tra mạng",
        Problem.OUTBOX_FULL: "{depth} bản tin đang chờ trong {path}, [store] max_rows là "
        "{max_rows} và phần còn lại dành cho đánh giá; kiểm tra mạng và máy chủ",
        Problem.DISK_RESERVED: "{path} chỉ còn {free_mb} MB trống, [store] reserve_mb giữ "
        "{reserve_mb} MB cho đánh giá và hệ thống; giải phóng dung lượng đĩa",
        Problem.STORE_LOCKED: "kho {path} bị một tiến trình khác khóa {locked_s} giây; thử lại và "
        "dừng chương trình đang mở tệp này",
        Problem.STORE_DAMAGED: "kho {path} bị hỏng: {reason}",
        Problem.STORE_UNUSABLE: "không dùng được kho {path}: {reason}; kiểm tra [store] path, "
        "quyền truy cập và đĩa",
        Problem.STORE_NOT_MADE: "không tạo được kho {path}: {reason}; kiểm tra [store] path và "
        "quyền truy cập",
        Problem.STORE_TOO_NEW: "kho {path} do bản mới hơn ghi (lược đồ {schema}, bản này chỉ biết "
        "{known_schema}): cài lại bản đó hoặc chuyển tệp đi nơi khác",
    }
)
"""What units say is wrong, in Vietnamese; their own sentences are the English."""

PAGES: Mapping[str, Words] = MappingProxyType(
    {
        "wall": Words(vi="Màn hình lớn", en="Wall"),
        "units": Words(vi="Đơn vị", en="Units"),
        "devices": Words(vi="Thiết bị", en="Devices"),
    }
)

DEVICE_COLUMNS = (
    UNIT,
    Words(vi="Thiết bị", en="Device"),
    Words(vi="Kết nối", en="Connection"),
    Words(vi="Tín hiệu gần nhất", en="Last seen"),
    Words(vi="Camera", en="Camera"),
    Words(vi="Chờ gửi", en="Outbox"),
    Words(vi="Mô hình", en="Models"),
    Words(vi="Vấn đề", en="Problems"),
)
