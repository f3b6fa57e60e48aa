namespace Telemetry.Simulators.City;

/// <param name="Name">As in the register and in alarm topics.</param>
/// <param name="Latitude">Of the built-up centre, WGS 84, degrees, to about a kilometre.</param>
/// <param name="Spread">Kilometres around the centre within which its devices lie.</param>
/// <param name="Gateways">How many collect its devices.</param>
/// <param name="Weight">Its share of the city's devices, relative to the others.</param>
public sealed record District(string Name, string Chinese, double Latitude, double Longitude, double Spread, int Gateways, int Weight, IReadOnlyList<Street> Streets);

public sealed record Street(string Name, string Chinese);

/// <summary>Nanchang's nine districts and counties.</summary>
public static class Districts
{
    public static IReadOnlyList<District> All { get; } =
    [
        new("Donghu", "东湖", 28.6853, 115.8992, 1.8, 3, 15,
        [
            new("Bayi Avenue", "八一大道"), new("Minde Road", "民德路"), new("Yangming Road", "阳明路"),
            new("Supu Road", "苏圃路"), new("Dieshan Road", "叠山路"), new("Yanjiang North Avenue", "沿江北大道"),
        ]),
        new("Xihu", "西湖", 28.6569, 115.8772, 1.8, 3, 15,
        [
            new("Zhongshan Road", "中山路"), new("Xiangshan South Road", "象山南路"), new("Zhanqian Road", "站前路"),
            new("Chaoyang Middle Road", "朝阳中路"), new("Shengli Road", "胜利路"), new("Fuhe Middle Road", "抚河中路"),
        ]),
        new("Qingyunpu", "青云谱", 28.6214, 115.9255, 2.2, 2, 11,
        [
            new("Jinggangshan Avenue", "井冈山大道"), new("Hongdu South Avenue", "洪都南大道"), new("Yingbin Avenue", "迎宾大道"),
            new("Sandian West Road", "三店西路"), new("Nanlian Road", "南莲路"),
        ]),
        new("Qingshanhu", "青山湖", 28.6825, 115.9622, 3.0, 3, 17,
        [
            new("Beijing East Road", "北京东路"), new("Nanjing East Road", "南京东路"), new("Shanghai Road", "上海路"),
            new("Hongdu North Avenue", "洪都北大道"), new("Gaoxin Avenue", "高新大道"), new("Changdong Avenue", "昌东大道"),
        ]),
        new("Xinjian", "新建", 28.6929, 115.8152, 2.6, 2, 10,
        [
            new("Xinjian Avenue", "新建大道"), new("Changleng Avenue", "长堎大道"), new("Wenhua Avenue", "文化大道"),
            new("Xingwan Avenue", "兴湾大道"), new("Wangcheng Road", "望城路"),
        ]),
        new("Honggutan", "红谷滩", 28.6983, 115.8582, 2.4, 3, 15,
        [
            new("Honggu Middle Avenue", "红谷中大道"), new("Fenghe Middle Avenue", "丰和中大道"), new("Ganjiang Middle Avenue", "赣江中大道"),
            new("Lushan Avenue", "庐山大道"), new("Shimao Road", "世贸路"), new("Huiyuan Road", "会园路"),
        ]),
        new("Nanchang County", "南昌县", 28.5455, 115.9440, 3.0, 2, 9,
        [
            new("Liantang Middle Avenue", "莲塘中大道"), new("Chenghu East Road", "澄湖东路"), new("Xianghu South Road", "向湖南路"),
            new("Jinsha Avenue", "金沙大道"), new("Lianxi Road", "莲西路"),
        ]),
        new("Anyi", "安义", 28.8440, 115.5488, 1.5, 1, 4,
        [
            new("Qianjin East Road", "前进东路"), new("Wenfeng Road", "文峰路"), new("Fenghuang West Road", "凤凰西路"),
        ]),
        new("Jinxian", "进贤", 28.3767, 116.2408, 1.8, 1, 4,
        [
            new("Minhe Avenue", "民和大道"), new("Shengli Middle Road", "胜利中路"), new("Junshan Avenue", "军山大道"),
        ]),
    ];

    /// <summary>-1 where there is none of that name.</summary>
    public static int IndexOf(string? name)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i].Name == name)
                return i;
        }
        return -1;
    }
}
