namespace Interp.Tests.Unit.Loading;

using Interp.Tests.Support;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_WellFormedFile_ReadsEveryTypeExactly()
    {
        var path = folder.File("all.safetensors");
        var writer = new SafetensorsWriter();
        writer.Add("bool", SafetensorsType.Bool, [3], new byte[] { 1, 0, 1 });
        writer.Add("f64", SafetensorsType.Float64, [2], Bytes(Math.PI, double.NegativeInfinity));
        writer.Add("f32", SafetensorsType.Float32, [2, 2], Bytes(1f, float.MaxValue, float.NaN, -0f));
        writer.Add("f16", SafetensorsType.Float16, [2], Bytes((Half)0.5, (Half)(-65504)));
        writer.Add("bf16", SafetensorsType.BFloat16, [3], Bytes<ushort>(0x3F80, 0xC000, 0x7F80));
        writer.Add("i64", SafetensorsType.Int64, [1], Bytes(long.MinValue));
        writer.Add("i32", SafetensorsType.Int32, [2], Bytes(int.MinValue, 7));
        writer.Add("i16", SafetensorsType.Int16, [1], Bytes((short)-3));
        writer.Add("i8", SafetensorsType.Int8, [1], Bytes((sbyte)-4));
        writer.Add("u8", SafetensorsType.UInt8, [1], new byte[] { 250 });
        writer.Add("scalar", SafetensorsType.Float32, [], Bytes(4f));
        writer.Add("empty", SafetensorsType.Float32, [0, 5], Array.Empty<byte>());
        writer.Save(path, new Dictionary<string, string> { ["format"] = "pt", ["quote"] = "\"ü\"" });

        using var file = SafetensorsFile.Open(path);

        file.Names.Count.ShouldBe(12);
        file.Metadata["quote"].ShouldBe("\"ü\"");
        file.ReadLongs("bool").ShouldBe([1, 0, 1]);
        file.ReadDoubles("f64").ShouldBe([Math.PI, double.NegativeInfinity]);
        file.ReadFloats("f32").ShouldBe([1f, float.MaxValue, float.NaN, -0f]);
        file.ReadDoubles("f16").ShouldBe([0.5, -65504]);
        file.ReadFloats("bf16").ShouldBe([1f, -2f, float.PositiveInfinity]);
        file.ReadLongs("i64").ShouldBe([long.MinValue]);
        file.ReadLongs("i32").ShouldBe([int.MinValue, 7]);
        file.ReadLongs("i16").ShouldBe([-3]);
        file.ReadLongs("i8").ShouldBe([-4]);
        file.ReadLongs("u8").ShouldBe([250]);
        file.ReadFloats("scalar").ShouldBe([4f]);
        file.ReadFloats("empty").ShouldBeEmpty();
        file.Entry("f32").ToString().ShouldBe("f32 F32 [2, 2]");
        foreach (var entry in file.Names.Select(file.Entry))
            (entry.Offset % entry.Type.Size()).ShouldBe(0, entry.Name);
    }

    [Fact]
    public void CopyTo_PartOfTensor_GivesThosePlaces()
    {
        using var file = SafetensorsFile.Open(Write("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 10, 11, 12, 13));
        var part = new byte[2];

        file.CopyTo("a", 1, part);

        part.ShouldBe(new byte[] { 11, 12 });
        Should.Throw<ArgumentOutOfRangeException>(() => file.CopyTo("a", 3, part)).Message.ShouldContain("4 bytes");
        Should.Throw<ArgumentOutOfRangeException>(() => file.CopyTo("a", -1, part));
        Should.Throw<ArgumentOutOfRangeException>(() => file.CopyTo("a", long.MaxValue, part));
    }

    [Fact]
    public void Entry_UnknownName_NamesTheNearest()
    {
        using var file = SafetensorsFile.Open(Write("{\"wte.weight\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"h\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"));

        var error = Should.Throw<KeyNotFoundException>(() => file.Entry("wte.wieght"));

        error.Message.ShouldContain("'wte.wieght'");
        error.Message.ShouldContain("Nearest: 'wte.weight'");
    }

    [Fact]
    public void ReadFloats_FromManyThreads_GivesEachTheSame()
    {
        var writer = new SafetensorsWriter();
        var numbers = Enumerable.Range(0, 5_000).Select(i => (float)i).ToArray();
        writer.Add("a", SafetensorsType.Float32, [5_000], Bytes(numbers));
        writer.Save(folder.File("shared"), null);
        using var file = SafetensorsFile.Open(folder.File("shared"));

        var wrong = ParallelEnumerable.Range(0, 64).WithDegreeOfParallelism(8).Count(_ => !file.ReadFloats("a").SequenceEqual(numbers));

        wrong.ShouldBe(0);
    }

    [Fact]
    public void Read_AfterDispose_ThrowsInsteadOfReadingFreedMemory()
    {
        var file = SafetensorsFile.Open(Write("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1));
        file.Dispose();

        Should.Throw<ObjectDisposedException>(() => file.ReadBytes("a"));
    }

    [Fact]
    public void ReadFloats_IntegerTensor_SaysWhatIsReadable()
    {
        using var file = SafetensorsFile.Open(Write("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1));

        Should.Throw<ArgumentException>(() => file.ReadFloats("a")).Message.ShouldContain("F32, F64, F16 or BF16");
    }

    [Fact]
    public void Open_MissingFile_NamesIt() =>
        Should.Throw<FileNotFoundException>(() => SafetensorsFile.Open(folder.File("no.safetensors"))).Message.ShouldContain("no.safetensors");

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{}}", "not valid JSON")]
    [InlineData("{\"a\":1}", "not described by an object")]
    [InlineData("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", "lacks dtype")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", "lacks shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", "lacks data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "states dtype twice")]
    [InlineData("{\"a\":{\"dtype\":\"Q4\",\"shape\":[1],\"data_offsets\":[0,1]}}", "dtype 'Q4'")]
    [InlineData("{\"a\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}", "not a string")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}}", "shape of tensor 'a' is not an array")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", "element 0 of the shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.5],\"data_offsets\":[0,1]}}", "element 0 of the shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,1]}}", "element 0 of the shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905,4],\"data_offsets\":[0,1]}}", "more elements than can be counted")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807,9223372036854775807,0],\"data_offsets\":[0,0]}}", "more elements than can be counted")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}}", "needs 2 bytes and has 1")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", "1 data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", "before its begin")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", "cut short")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[9223372036854775806,9223372036854775807]}}", "cut short")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]}}", "'a' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "'a' and 'b' overlap by 1")]
    [InlineData("{}", "1 bytes behind its last tensor")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]}}", "1 bytes before tensor 'a'")]
    [InlineData("{\"__metadata__\":{\"k\":1}}", "not a string")]
    [InlineData("{\"__metadata__\":[]}", "not an object of strings")]
    [InlineData("{\"__metadata__\":{\"k\":\"a\",\"k\":\"b\"}}", "'k' twice")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", "'__metadata__' twice")]
    public void Open_HostileHeader_StatesTheFact(string json, string fact) =>
        Should.Throw<InvalidDataException>(() => SafetensorsFile.Open(Write(json, 0))).Message.ShouldContain(fact);

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Open_ShorterThanItsLengthField_StatesTheLength(int length) =>
        Should.Throw<InvalidDataException>(() => SafetensorsFile.Open(folder.Write("short", new byte[length]))).Message.ShouldContain($"it has {length} bytes");

    [Theory]
    [InlineData(ulong.MaxValue, "18,446,744,073,709,551,615")]
    [InlineData(100_000_001UL, "100,000,001")]
    [InlineData(99_999_999UL, "99,999,999")]
    public void Open_HeaderLengthBeyondTheFile_StatesBothNumbers(ulong stated, string number)
    {
        var bytes = new byte[20];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, stated);

        Should.Throw<InvalidDataException>(() => SafetensorsFile.Open(folder.Write("long", bytes))).Message.ShouldContain(number);
    }

    [Fact]
    public void Open_CutAtEveryLength_IsAlwaysRefused()
    {
        var whole = File.ReadAllBytes(SmallFile());

        for (var length = 0; length < whole.Length; length++)
            Should.Throw<InvalidDataException>(() => SafetensorsFile.Open(folder.Write("cut", whole[..length])), $"cut to {length} of {whole.Length}");
    }

    [Fact]
    public void Open_RandomlyDamagedHeader_RefusesOrReadsEveryTensorInBounds()
    {
        var whole = File.ReadAllBytes(SmallFile());
        var headerEnd = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(whole);
        const string likely = "0123456789{}[]\",:-e.\\ ";
        var random = new Random(0);
        var refused = 0;

        for (var trial = 0; trial < 2_000; trial++)
        {
            var damaged = (byte[])whole.Clone();
            for (var edit = random.Next(1, 4); edit > 0; edit--)
                damaged[random.Next(headerEnd)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)likely[random.Next(likely.Length)];
            refused += Refused(damaged) ? 1 : 0;
        }

        refused.ShouldBeGreaterThan(1_000);
    }

    private static bool Refused(byte[] content)
    {
        try
        {
            using var file = SafetensorsFile.Open(content, "damaged");
            foreach (var name in file.Names)
                file.ReadBytes(name).Length.ShouldBe((int)file.Entry(name).ByteCount);
            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static byte[] Bytes<T>(params T[] values) where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();

    private string SmallFile()
    {
        var writer = new SafetensorsWriter();
        writer.Add("a.weight", SafetensorsType.Float32, [2, 3], new byte[24]);
        writer.Add("b", SafetensorsType.BFloat16, [5], new byte[10]);
        writer.Save(folder.File("small"), new Dictionary<string, string> { ["format"] = "pt" });
        return folder.File("small");
    }

    private string Write(string json, params byte[] data)
    {
        var header = Encoding.UTF8.GetBytes(json);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return folder.Write("file.safetensors", [.. length, .. header, .. data]);
    }
}
