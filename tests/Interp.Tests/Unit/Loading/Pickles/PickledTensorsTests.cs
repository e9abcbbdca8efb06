namespace Interp.Tests.Unit.Loading.Pickles;

using System.IO.Compression;
using System.Runtime.InteropServices;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "unit")]
public sealed class PickledTensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Read_StateDictionaryOfEveryType_GivesItsNumbers()
    {
        var pickle = new PickleWriter().Global("collections", "OrderedDict").Op(')', 'R', '(');
        var kinds = new (string Class, ScalarType Type, byte[] Content)[]
        {
            ("DoubleStorage", ScalarType.Float64, Bytes(0.1, -2.0)), ("FloatStorage", ScalarType.Float32, Bytes(1.5f, -2f)),
            ("HalfStorage", ScalarType.Float16, Bytes((Half)0.5, (Half)(-2))), ("BFloat16Storage", ScalarType.BFloat16, Bytes<ushort>(0x3F80, 0xC000)),
            ("LongStorage", ScalarType.Int64, Bytes(long.MinValue, -2L)), ("IntStorage", ScalarType.Int32, Bytes(7, -2)),
            ("ShortStorage", ScalarType.Int16, Bytes((short)7, (short)-2)), ("CharStorage", ScalarType.Int8, Bytes((sbyte)7, (sbyte)-2)),
            ("ByteStorage", ScalarType.Byte, [7, 254]), ("BoolStorage", ScalarType.Bool, [1, 0]),
        };
        for (var i = 0; i < kinds.Length; i++)
            pickle.Text("layer." + kinds[i].Class).Whole(kinds[i].Class, $"{i}", 2);
        // PyTorch hangs the versions of the modules on a state dictionary.
        pickle.Op('u', '}').Text("_metadata").Op('}', 's', 'b');
        var path = folder.Write("all.pt", PickleWriter.Zip(pickle.Done(), kinds.Select((kind, i) => ($"{i}", kind.Content))));

        using var file = PickledTensors.Open(path);

        file.Names.ShouldBe(kinds.Select(kind => "layer." + kind.Class));
        file.Values.ShouldBeEmpty();
        foreach (var (name, type, content) in kinds)
        {
            file.Entry("layer." + name).Type.ShouldBe(type);
            using var tensor = file.Read("layer." + name);
            tensor.dtype.ShouldBe(type);
            tensor.bytes.ToArray().ShouldBe(content, name);
        }
        using var wide = file.Read("layer.BFloat16Storage", ScalarType.Float64);
        wide.data<double>().ToArray().ShouldBe([1.0, -2.0]);
        Evidence.Record("pickle-reader", true, $"{kinds.Length} element types read bit by bit");
    }

    [Fact]
    public void Read_NestedListsDictionariesAndValues_AreNamedByTheirKeys()
    {
        var pickle = new PickleWriter().Op('}', '(')
            .Text("cfg").Op('}', '(').Text("lr").Double(3e-4).Text("layer").Long(-5).Text("name").Text("blocks.0").Text("tied").Bool(true).Text("none").Op('N')
            .Text("dtype").Global("torch", "float32").Text("big").Big(System.Numerics.BigInteger.Pow(2, 80)).Op('u')
            .Text("layers").Op(']', '(').Whole("FloatStorage", "0", 1).Op('}').Long(3).Whole("FloatStorage", "1").Op('s', 'e')
            .Op('u').Done();
        var content = PickleWriter.Zip(pickle, [("0", Bytes(1f)), ("1", Bytes(2f))]);

        using var file = PickledTensors.Open(content, "nested.pt");

        file.Names.ShouldBe(["layers.0", "layers.1.3"]);
        file.Entry("layers.1.3").Shape.ShouldBeEmpty();
        file.Values["cfg.lr"].ShouldBe(3e-4);
        file.Values["cfg.layer"].ShouldBe(-5L);
        file.Values["cfg.name"].ShouldBe("blocks.0");
        file.Values["cfg.tied"].ShouldBe(true);
        file.Values["cfg.none"].ShouldBeNull();
        file.Values["cfg.dtype"].ShouldBe("torch.float32");
        file.Values["cfg.big"].ShouldBe(System.Numerics.BigInteger.Pow(2, 80));
        file.ToString().ShouldBe("nested.pt: 2 tensors, 7 values");
        Should.Throw<KeyNotFoundException>(() => file.Entry("layers.2")).Message.ShouldContain("Nearest: 'layers.0'");
    }

    [Fact]
    public void Read_ViewsOfOneStorage_FollowOffsetAndStrides()
    {
        var pickle = new PickleWriter().Op('}', '(')
            .Text("transposed").Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])
            .Text("row").Tensor("FloatStorage", "0", 6, 3, [3], [1])
            .Text("repeated").Tensor("FloatStorage", "0", 6, 1, [2, 3], [1, 0])
            .Text("empty").Tensor("FloatStorage", "0", 6, 6, [0, 4], [4, 1])
            .Op('u').Done();

        using var file = PickledTensors.Open(PickleWriter.Zip(pickle, [("0", Bytes(0f, 1, 2, 3, 4, 5))]), "views.pt");

        Floats(file, "transposed").ShouldBe([0f, 3, 1, 4, 2, 5]);
        Floats(file, "row").ShouldBe([3f, 4, 5]);
        Floats(file, "repeated").ShouldBe([1f, 1, 1, 2, 2, 2]);
        using var empty = file.Read("empty");
        empty.shape.ShouldBe([0L, 4]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_ParameterAlone_IsNamedValue(bool legacy)
    {
        var pickle = new PickleWriter().Global("torch._utils", "_rebuild_parameter").Op('(').Whole("FloatStorage", "7", 2).Bool(true)
            .Global("collections", "OrderedDict").Op(')', 'R', 't', 'R').Done();
        // The older form's references end with a sixth element.
        var old = System.Text.Encoding.Latin1.GetBytes(System.Text.Encoding.Latin1.GetString(pickle).Replace("cpuK\x02t", "cpuK\x02Nt", StringComparison.Ordinal));
        var content = legacy ? PickleWriter.Legacy(old, ("7", 2, Bytes(4f, 5f))) : PickleWriter.Zip(pickle, [("7", Bytes(4f, 5f))]);

        using var file = PickledTensors.Open(folder.Write("one.pt", content));

        file.Names.ShouldBe(["value"]);
        Floats(file, "value").ShouldBe([4f, 5]);
    }

    [Fact]
    public void Read_PackedArchive_IsUnpacked()
    {
        var content = PickleWriter.Zip(new PickleWriter().Whole("FloatStorage", "0", 50).Done(), [("0", Bytes(Enumerable.Repeat(3f, 50).ToArray()))], CompressionLevel.Optimal);

        using var file = PickledTensors.Open(content, "packed.pt");

        Floats(file, "value").ShouldAllBe(x => x == 3f);
    }

    [Fact]
    public void Read_NewerProtocolsOpcodes_GiveTheSame()
    {
        // Protocol 4: frame, short texts, memo without numbers, names from the stack.
        var pickle = new PickleWriter().Raw(0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0).Op('}').Raw(0x94, 0x8c, 1).Op('k').Raw(0x94, 0x8c, 1).Op('v').Op('s')
            .Raw(0x8c, 1).Op('l').Op(']', 'h').Raw(1).Op('a').Raw(0x8c, 5).Op("torch").Raw(0x8c, 4).Op("Size").Raw(0x93).Long(3).Long(4).Raw(0x86, 0x85).Op('R', 'a', 's').Done();

        using var file = PickledTensors.Open(PickleWriter.Zip(pickle, []), "four.pt");

        file.Values["k"].ShouldBe("v");
        file.Values["l.0"].ShouldBe("k");
        file.Values["l.1.1"].ShouldBe(4L);
    }

    [Fact]
    public void Read_AfterDispose_Refuses()
    {
        var file = PickledTensors.Open(folder.Write("closed.pt", PickleWriter.Zip(new PickleWriter().Whole("FloatStorage", "0", 1).Done(), [("0", Bytes(1f))])));
        file.Dispose();

        Should.Throw<ObjectDisposedException>(() => file.Read("value"));
    }

    private static float[] Floats(PickledTensors file, string name)
    {
        using var tensor = file.Read(name);
        return tensor.data<float>().ToArray();
    }

    private static byte[] Bytes<T>(params T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
