using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.OperatorPage.Session;

namespace Telemetry.Ingest.OperatorPage.DeadLetters;

/// <summary>What each reason means and what would be right, in a line; docs/payloads.md says it at length.</summary>
internal static class ReasonWords
{
    private static readonly Dictionary<string, (string En, string Zh)> Words = new(StringComparer.Ordinal)
    {
        [RejectReason.BadTopic] = ("The topic is none of a reading's or a gateway's status.", "主题不是读数或网关状态的主题。"),
        [RejectReason.BadStatus] = ("A gateway's status is the bare word online or offline.", "网关状态应为单词 online 或 offline。"),
        [RejectReason.TooLarge] = ("Over 1 MiB, or its gateway's own limit: split the backfill.", "超过 1 MiB 或网关上限：请拆分补传。"),
        [RejectReason.Malformed] = ("Not what the format asks for: JSON in UTF-8, a right checksum or length.", "不符合格式：应为 UTF-8 的 JSON，或校验、长度有误。"),
        [RejectReason.UnknownFamily] = ("There is no family file of that name.", "没有该名称的设备类文件。"),
        [RejectReason.FamilyMismatch] = ("The device is registered under another family.", "设备登记在另一设备类。"),
        [RejectReason.ForeignDevice] = ("It came through another gateway than the register says: move the device there, and decode it again.", "所经网关与登记不符：请在登记表中改网关后重新解析。"),
        [RejectReason.TooManyDevices] = ("Its gateway has brought 10,000 devices that nobody adopted: adopt those first.", "该网关已有一万台未登记设备，请先登记。"),
        [RejectReason.TooManyElements] = ("More than 10,000 readings in one message: split it.", "单条消息超过 10,000 条读数：请拆分。"),
        [RejectReason.TooManyValues] = ("More than 256 values in one reading.", "单条读数超过 256 个值。"),
        [RejectReason.NoValues] = ("Nothing in it: values needs one channel at least.", "内容为空：values 至少应有一个测点。"),
        [RejectReason.BadTime] = ("A time that can't be understood: Unix ms, or RFC 3339 with a zone.", "时间无法识别：应为 Unix 毫秒或带时区的 RFC 3339。"),
        [RejectReason.BadSequence] = ("The sequence number is no whole number; the reading went on without it.", "序号不是整数；读数已按无序号接收。"),
        [RejectReason.UnknownChannel] = ("The family has no such channel.", "设备类没有该测点。"),
        [RejectReason.WrongType] = ("Not of its channel's type.", "类型与测点不符。"),
        [RejectReason.UnknownDevice] = ("Nothing in the register reports under that name: adopt it, and it is decoded by itself.", "登记表中没有该通信号：登记后自动解析。"),
        [RejectReason.NoCodec] = ("The device's model has no codec: give it a model in the register.", "型号没有解码器：请在登记表中填写型号。"),
        [RejectReason.BadFrame] = ("The device's own bytes are not what its model sends.", "设备字节与其型号不符。"),
        [RejectReason.UnitMismatch] = ("The unit can't be converted to the channel's.", "单位无法换算为测点单位。"),
        [RejectReason.NoBirth] = ("It means nothing before its sender's birth message, which was asked for.", "缺少上线报文，已请求补发。"),
        [RejectReason.Unsupported] = ("Well-formed, but of a kind that nothing here reads.", "格式正确，但此类内容不支持。"),
        [RejectReason.MissingSetting] = ("The device's setting from which it is measured is missing in the register.", "登记表缺少计算所需的设备参数。"),
        [RejectReason.ConflictingDuplicate] = ("The same key came before with another value, which stands.", "同一键先前已有不同的值，以先到为准。"),
        [RejectReason.StoreRefused] = ("A database will not take the line; the reading itself stands in the log.", "数据库拒收该行；读数本身仍在日志中。"),
        [Redecoder.Cut] = ("Not all bytes of the message were kept, so it can't be decoded again.", "消息字节未完整保留，无法重新解析。"),
    };

    public static string Of(string reason, PageSettings settings) => Words.TryGetValue(reason, out var words) ? settings.Say(words.En, words.Zh) : reason;
}
