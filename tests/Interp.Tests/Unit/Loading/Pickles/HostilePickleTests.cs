namespace Interp.Tests.Unit.Loading.Pickles;

using System.IO.Compression;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class HostilePickleTests
{
    public static TheoryData<string, string> Names => new()
    {
        { "os", "system" }, { "posix", "system" }, { "nt", "system" }, { "builtins", "eval" }, { "builtins", "exec" }, { "__builtin__", "getattr" }, { "subprocess", "Popen" },
        { "runpy", "run_path" }, { "torch.storage", "_load_from_bytes" }, { "torch.serialization", "load" }, { "torch", "load" }, { "torch.nn.modules.linear", "Linear" },
        { "numpy.core.multiarray", "_reconstruct" }, { "collections", "Counter" }, { "torch._utils", "_rebuild_device_tensor_from_numpy" },
        { "torch", "_utils._rebuild_tensor_v2\u0000" }, { "webbrowser", "open" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_NameThatCouldRun_IsRefusedWithItsName(string module, string name)
    {
        var called = new PickleWriter().Global(module, name).Text("touch /tmp/never").Raw(0x85).Op('R').Done();
        var fromStack = new PickleWriter().Text(module).Text(name).Raw(0x93).Text("x").Raw(0x85).Op('R').Done();
        var unused = new PickleWriter().Op('}').Text("a").Long(1).Op('s').Global(module, name).Op('0').Done();

        foreach (var pickle in new[] { called, fromStack, unused })
        {
            Refusal(pickle).ShouldContain($"'{module}.{name}'");
            Should.Throw<InvalidDataException>(() => PickledTensors.Open(PickleWriter.Legacy(pickle), "old.pt")).Message.ShouldContain($"'{module}.{name}'");
        }
        Evidence.Record("pickle-reader", true, $"'{module}.{name.TrimEnd('\0')}' refused in both forms, called or not");
    }

    [Fact]
    public void Open_AllowedNameMisused_IsRefused()
    {
        Refusal(new PickleWriter().Global("torch", "FloatStorage").Op(')', 'R').Done()).ShouldContain("'torch.FloatStorage'");
        Refusal(new PickleWriter().Text("text").Op(')', 'R').Done()).ShouldContain("no function");
        Refusal(new PickleWriter().Global("collections", "OrderedDict").Text("x").Raw(0x85).Op('R').Done()).ShouldContain("arguments of another kind");
        Refusal(new PickleWriter().Global("collections", "OrderedDict").Op('N').Raw(0x81).Done()).ShouldContain("'collections.OrderedDict'");
        Refusal(new PickleWriter().Op(']').Op('}', 'b').Done()).ShouldContain("state");
        Refusal(new PickleWriter().Global("collections", "OrderedDict").Done()).ShouldContain("the name 'collections.OrderedDict'");
        Refusal(new PickleWriter().Text("module").Op('Q').Done()).ShouldContain("no storage");
        Refusal(new PickleWriter().Op('(', 'i').Op("os\nsystem\n").Done()).ShouldContain("object of a class");
        Refusal(new PickleWriter().Raw(0x82, 1).Done()).ShouldContain("0x82");
    }

    [Theory]
    [InlineData(10, 0, 1, "reaches element 9")]
    [InlineData(4, 7, 1, "reaches element 10")]
    [InlineData(2, 0, 8, "reaches element 8")]
    [InlineData(long.MaxValue, 0, 1, "reaches element")]
    [InlineData(long.MaxValue, 1, long.MaxValue, "more elements than can be counted")]
    [InlineData(2, 0, -1, "no whole number from zero")]
    [InlineData(-2, 0, 1, "no whole number from zero")]
    [InlineData(2, -1, 1, "begins at -1")]
    public void Open_TensorBeyondItsStorage_IsRefused(long extent, long offset, long stride, string fact) =>
        Refusal(new PickleWriter().Tensor("FloatStorage", "0", 8, offset, [extent], [stride]).Done(), ("0", new byte[32])).ShouldContain(fact);

    [Fact]
    public void Open_StorageShorterThanStated_IsRefused()
    {
        var pickle = new PickleWriter().Whole("FloatStorage", "0", 8).Done();

        Refusal(pickle, ("0", new byte[31])).ShouldContain("31 bytes");
        Refusal(pickle, ("1", new byte[32])).ShouldContain("lacks 'archive/data/0'");
        Should.Throw<InvalidDataException>(() => PickledTensors.Open(PickleWriter.Legacy(pickle, ("0", 8, new byte[31])), "old.pt")).Message.ShouldContain("cut short");
        Should.Throw<InvalidDataException>(() => PickledTensors.Open(PickleWriter.Legacy(pickle, ("0", long.MaxValue, new byte[32])), "old.pt")).Message.ShouldContain("cut short");
    }

    [Fact]
    public void Read_ViewThatRepeatsOneElementForever_IsRefused()
    {
        var pickle = new PickleWriter().Tensor("FloatStorage", "0", 1, 0, [1L << 50], [0]).Done();
        using var file = PickledTensors.Open(PickleWriter.Zip(pickle, [("0", new byte[4])]), "wide.pt");

        Should.Throw<InvalidDataException>(() => file.Read("value")).Message.ShouldContain("repeats 1 stored elements");
    }

    [Fact]
    public void Open_ListsThatUnfoldWithoutEnd_AreRefused()
    {
        // Each list holds the one before it ten times: 10^12 leaves out of a few hundred bytes.
        var pickle = new PickleWriter().Op(']', 'q').Raw(0);
        for (byte level = 1; level <= 12; level++)
        {
            pickle.Op(']', '(');
            for (var i = 0; i < 10; i++)
                pickle.Op('h').Raw((byte)(level - 1));
            pickle.Op('e', 'q').Raw(level);
        }
        Refusal(pickle.Done()).ShouldContain("far larger than the file");
        Refusal(new PickleWriter().Op(']', 'q').Raw(0).Op('h').Raw(0).Op('a').Done()).ShouldContain("holds itself");
    }

    [Fact]
    public void Open_DamagedPickles_SayWhatIsWrong()
    {
        Refusal(new PickleWriter().Op('t').Done()).ShouldContain("where there is none");
        Refusal(new PickleWriter().Op('X').Raw(255, 255, 255, 127).Done()).ShouldContain("cut short");
        Refusal(new PickleWriter().Raw(0x8d, 255, 255, 255, 255, 255, 255, 255, 255).Done()).ShouldContain("cut short");
        Refusal(new PickleWriter().Raw(0x8b, 255, 255, 255, 127).Done()).ShouldContain("at most 1,024");
        Refusal(new PickleWriter().Raw(0x80, 9).Done()).ShouldContain("protocol 9");
        Refusal(new PickleWriter().Op('h').Raw(3).Done()).ShouldContain("its value 3");
        Refusal([0x80, 2]).ShouldContain("cut short");
        Refusal(new PickleWriter().Op('}').Op('(', 'N').Long(1).Op('u').Done()).ShouldContain("neither text nor number");
        Refusal(new PickleWriter().Op('}').Op('(').Text("a").Long(1).Text("a").Long(2).Op('u').Done()).ShouldContain("two of its values");
        Should.Throw<InvalidDataException>(() => PickledTensors.Open("PK\u0003\u0004 and nothing that follows"u8.ToArray(), "cut.pt")).Message.ShouldContain("no table of contents");
        Should.Throw<InvalidDataException>(() => PickledTensors.Open("hello"u8.ToArray(), "text.pt")).Message.ShouldContain("no PyTorch file");
    }

    [Fact]
    public void Open_ArchiveThatUnpacksToFarMore_IsRefused()
    {
        var bomb = PickleWriter.Zip(new PickleWriter().Whole("FloatStorage", "0", 4_000_000).Done(), [("0", new byte[16_000_000])], CompressionLevel.SmallestSize);
        using var file = PickledTensors.Open(bomb, "bomb.pt");

        Should.Throw<InvalidDataException>(() => file.Read("value"));
    }

    private static string Refusal(byte[] pickle, params (string, byte[])[] storages) =>
        Should.Throw<InvalidDataException>(() => PickledTensors.Open(PickleWriter.Zip(pickle, storages), "hostile.pt")).Message;
}
