// Draws the packages' icon: an attention pattern, one bright cell in it.
//   dotnet run eng/package/icon.cs       writes eng/package/icon.png, 128 x 128
#:property PublishAot=false
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.CompilerServices;

const int Side = 128, Samples = 4, Tokens = 5;
var (ground, dim, bright) = (new Color(0x14, 0x1B, 0x2D), new Color(0x2F, 0x6F, 0x9F), new Color(0xFF, 0xB0, 0x3B));
// how much each position looks at those before it and at itself
double[][] attention = [[0.55], [0.35, 0.25], [0.15, 0.45, 0.2], [0.3, 0.1, 0.15, 0.4], [0.1, 1, 0.2, 0.12, 0.25]];

File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(Here())!, "icon.png"), Png(Draw()));

byte[] Draw()
{
    var pixels = new byte[Side * (1 + Side * 4)];
    for (var y = 0; y < Side; y++)
        for (var x = 0; x < Side; x++)
        {
            // the mean over a grid of points within the pixel smooths the edges
            var (r, g, b, a) = (0.0, 0.0, 0.0, 0.0);
            for (var s = 0; s < Samples * Samples; s++)
            {
                if (At(x + (s % Samples + 0.5) / Samples, y + (s / Samples + 0.5) / Samples) is not { } color) continue;
                (r, g, b, a) = (r + color.R, g + color.G, b + color.B, a + 1);
            }
            var to = y * (1 + Side * 4) + 1 + x * 4;
            if (a == 0) continue;
            (pixels[to], pixels[to + 1], pixels[to + 2]) = ((byte)(r / a + 0.5), (byte)(g / a + 0.5), (byte)(b / a + 0.5));
            pixels[to + 3] = (byte)(a * 255 / (Samples * Samples) + 0.5);
        }
    return pixels;
}

// The colour at a point, or none outside the rounded square.
Color? At(double x, double y)
{
    if (!Inside(x, y, 0, 0, Side, 26)) return null;
    const double margin = 17, pitch = (Side - 2 * margin) / Tokens;
    var (column, row) = ((int)Math.Floor((x - margin) / pitch), (int)Math.Floor((y - margin) / pitch));
    if (row is < 0 or >= Tokens || column < 0 || column > row) return ground;
    if (!Inside(x, y, margin + column * pitch + 1.5, margin + row * pitch + 1.5, pitch - 3, 4)) return ground;
    var weight = attention[row][column];
    return weight == 1 ? bright : ground.Towards(dim, 0.2 + weight * 1.45);
}

static bool Inside(double x, double y, double left, double top, double side, double radius)
{
    var (dx, dy) = (Math.Abs(x - left - side / 2) - (side / 2 - radius), Math.Abs(y - top - side / 2) - (side / 2 - radius));
    return Math.Max(dx, dy) <= radius && (dx <= 0 || dy <= 0 || dx * dx + dy * dy <= radius * radius);
}

// A PNG is a signature and chunks; the rows, each led by its filter's number (0: none), are one zlib stream.
static byte[] Png(byte[] rows)
{
    var header = new byte[13];
    BinaryPrimitives.WriteInt32BigEndian(header, Side);
    BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Side);
    (header[8], header[9]) = (8, 6);
    using var packed = new MemoryStream();
    using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize)) zlib.Write(rows);
    return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, [])];
}

static byte[] Chunk(ReadOnlySpan<byte> kind, byte[] data)
{
    byte[] body = [.. kind, .. data];
    var crc = uint.MaxValue;
    foreach (var value in body)
    {
        crc ^= value;
        for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
    }
    var (length, check) = (new byte[4], new byte[4]);
    BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
    BinaryPrimitives.WriteUInt32BigEndian(check, ~crc);
    return [.. length, .. body, .. check];
}

static string Here([CallerFilePath] string path = "") => path;

internal sealed record Color(double R, double G, double B)
{
    public Color Towards(Color other, double share) =>
        new(R + (other.R - R) * share, G + (other.G - G) * share, B + (other.B - B) * share);
}
